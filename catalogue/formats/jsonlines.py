"""JSON lines: one `Draft.to_dict()` a line, in UTF-8. The only format that says everything; backups and moves use it.

A row's number is its line number; `number` on the line is that of the record, which an empty catalogue gives it again.
The keys are sorted, so that two exports of the same records are the same bytes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import FIRST_YEAR, LAST_YEAR, Draft, clean
from catalogue.formats.base import Format, Notes, ReadOptions, Row
from catalogue.formats.decoding import SAMPLE_SIZE, TextSource, decode_sample
from catalogue.formats.years import read_date, with_date

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
# What the report of an import has besides the record: corrected, it is imported as it is.
_OF_REPORT = ("row", "error")
NUMBER = "number"
# Far more than records, and far less than what the database can count to.
HIGHEST = 999_999_999_999
_OBJECT = re.compile(r'\s*\{\s*["}]')


class JsonLines(Format):
    """Reads and writes JSON lines."""

    name = "jsonl"
    label = gettext_lazy("JSON lines")
    extensions = ("jsonl", "ndjson")
    media_type = "application/jsonl"

    def detects(self, sample: bytes) -> bool:
        """Tell by a first line that is an object as a whole."""
        first, newline, _rest = decode_sample(sample).lstrip().partition("\n")
        cut_off = not newline and len(sample) >= SAMPLE_SIZE
        return bool(_OBJECT.match(first)) and (cut_off or first.rstrip().endswith("}"))

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every line that is not blank."""
        source = TextSource(file, options.encoding or "utf-8")
        for number, line in enumerate(source.lines(), start=1):
            if line.strip():
                yield _row(number, line)

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield one line a draft."""
        return (_line(draft.to_dict()) for draft in drafts)

    def write_records(self, records: Iterable[tuple[int, Draft]], file: BinaryIO) -> None:
        """Write one line a record, with its number."""
        file.writelines(_line({NUMBER: number, **draft.to_dict()}) for number, draft in records)


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") + b"\n"


def _row(number: int, line: str) -> Row:
    notes = Notes()
    draft = record = None
    try:
        values = _load(line)
        record = _number(values)
        known = {name: value for name, value in values.items() if name not in (*_OF_REPORT, NUMBER)}
        draft = Draft.from_dict(_with_year(known, notes))
    except RecursionError:
        notes.problem("", line, _("Line %(line)d is nested too deeply.") % {"line": number})
    except ValueError as error:
        message = _("Line %(line)d cannot be read: %(reason)s") % {"line": number, "reason": error}
        notes.problem("", line, message)
    # Not `notes.row`, which repairs what other programs spoiled: a backup comes back as it was.
    draft = clean(draft) if draft else None
    return Row(number, draft, tuple(notes.problems), tuple(notes.warnings), cleaned=True, record=record)


def _number(values: dict[str, Any]) -> int | None:
    number = values.get(NUMBER)
    if number is not None and (type(number) is not int or not 1 <= number <= HIGHEST):
        raise ValueError(_("The number of a record is a whole number from 1 to %(most)d.") % {"most": HIGHEST})
    return number


def _with_year(values: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return the values with a year that other programs write as text, or as a number that is none."""
    year, details = values.get("year"), values.get("details", "")
    if not isinstance(year, str) and (type(year) is not int or FIRST_YEAR <= year <= LAST_YEAR):
        return values
    found, date = read_date(str(year), notes)
    return {**values, "year": found, "details": with_date(details, date) if isinstance(details, str) else details}


def _load(line: str) -> dict[str, Any]:
    values = json.loads(line, object_pairs_hook=_distinct_keys, parse_constant=_refuse_constant)
    if not isinstance(values, dict):
        raise ValueError(_("A record must be an object, in braces."))
    if _HALF_CHARACTER.search(line) or "\\ud" in line.lower():
        _refuse_half_characters(values)
    return values


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [key for key, _value in pairs]
        repeated = next(key for key in names if names.count(key) > 1)
        raise ValueError(_("The key “%(key)s” stands there twice.") % {"key": repeated})
    return values


def _refuse_constant(name: str) -> None:
    raise ValueError(_("%(name)s is not a value that a record can have.") % {"name": name})


def _refuse_half_characters(values: dict[str, Any]) -> None:
    """JSON can spell half of a character ("\\ud800"), which nothing can store or show."""
    if _HALF_CHARACTER.search(json.dumps(values, ensure_ascii=False)):
        raise ValueError(_("It holds half of a character (a lone surrogate)."))
