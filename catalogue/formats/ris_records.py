"""From the lines of a RIS file to its records: what tags stand there and with which values. `ris` and `refer` call it.

rispy holds a whole file at once, loses a last record without its ER, and of one in the middle makes part of the next;
so the lines are read here, and rispy checks in the tests what is written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError, Notes
from catalogue.formats.decoding import LINE_LIMIT

# A tag as some programs write it: "TY - JOUR". A record keeps to the form of its first line, because in a text that
# goes on in further lines "UK - the land" must not be taken for a tag.
_LOOSE = re.compile(r"\s*([A-Z][A-Z0-9])\s{0,4}-\s*(.*)", re.DOTALL)
_LOOSE_START = re.compile(r"(?!TY  -)\s*TY\s{0,4}-")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the values of each tag, without empty ones. `number` counts the records, `line` is that of the first.

    A value that goes on in further lines still has its lines.
    """

    number: int
    line: int
    values: Mapping[str, list[str]]
    notes: Notes


class Lines:
    """A record while its lines come in."""

    def __init__(self, line: int, loose: bool) -> None:
        self.line = line
        self.loose = loose
        self.notes = Notes()
        self._values: dict[str, list[list[str]]] = {}
        self._open: list[str] = []
        self._length = 0

    def take(self, tag: str, value: str) -> None:
        """Take a value under its tag; without a tag it goes on with the value before."""
        self._length += len(value) + 1
        if self._length > LINE_LIMIT:
            message = _(
                "The record that begins at line %(line)d is longer than %(limit)d characters: the file is damaged, or "
                "in another format."
            )
            raise FormatError(message % {"line": self.line, "limit": LINE_LIMIT})
        if tag:
            self._open = [value]
            self._values.setdefault(tag, []).append(self._open)
        elif value:
            self._open.append(value)

    def has(self, tag: str) -> bool:
        """Tell whether this tag was read already."""
        return tag in self._values

    def has_but_its_type(self) -> bool:
        """Tell whether nothing but the type was read so far."""
        return self._values.keys() == {"TY"}

    def record(self, number: int) -> Record:
        """Return the record as it stands."""
        values = {tag: [text for lines in found if (text := _joined(lines))] for tag, found in self._values.items()}
        return Record(number, self.line, values, self.notes)


def _joined(lines: list[str]) -> str:
    return lines[0] if len(lines) == 1 else "\n".join(lines).strip()


def read_records(lines: Iterator[str]) -> Iterator[Record]:
    """Yield the records. What stands between them ("1.", "Record #1 of 2", empty lines) is passed over."""
    for number, record in enumerate(_divided(lines), start=1):
        yield record.record(number)


def _divided(lines: Iterator[str]) -> Iterator[Lines]:
    record: Lines | None = None
    for number, line in enumerate(lines, start=1):
        tag, value = _tagged(line, record.loose if record else bool(_LOOSE_START.match(line)))
        if tag == "ER":
            if record:
                yield record
            record = None
        elif record and (tag != "TY" or record.has_but_its_type()):
            record.take(tag, value)
        elif tag:
            if record:
                record.notes.warn(_("The record has no ER line; it was ended where the next begins."))
                yield record
            record = _begun(number, line, tag, value)
    if record:
        record.notes.warn(_("The record has no ER line: perhaps the file was cut off here."))
        yield record


def _begun(number: int, line: str, tag: str, value: str) -> Lines:
    record = Lines(number, bool(_LOOSE_START.match(line)))
    if tag != "TY":
        record.notes.warn(_("The record has no TY line: its kind is not known."))
    record.take(tag, value)
    return record


def _tagged(line: str, loose: bool) -> tuple[str, str]:
    """Return tag and value of a line; without a tag, all of it is value."""
    tag = line[:2]
    if line[2:5] == "  -" and tag.isalnum() and tag.isascii() and tag.isupper() and tag[0].isalpha():
        return tag, line[5:].strip()
    match = _LOOSE.fullmatch(line) if loose else None
    return (match.group(1), match.group(2).strip()) if match else ("", line.strip())
