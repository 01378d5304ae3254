"""The details of a record, composed of the fields of MARC that describe the document; called by marc_fields.

They read like the card of a catalogue: imprint and extent, then edition, series, other titles and notes after dashes.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from pymarc import Field

from catalogue.draft import LIMITS
from catalogue.formats.base import Notes
from catalogue.formats.marc_names import read_original as original_names
from catalogue.formats.marc_text import Marc, joined, second, values, without_marks, without_stop

DASH = " — "
OTHER_TITLE = "Other title: "
_ORIGINAL = "In the original script: "
# The notes that tell readers about the document; 505 and 520 are in the summary, 506, 540 and 588 elsewhere.
NOTE_TAGS = (
    "500", "501", "502", "504", "507", "508", "511", "513", "515", "516", "518", "525", "530", "533", "534", "536",
    "538", "545", "546", "547", "550", "555", "556", "567", "580", "581", "585", "586",
)  # fmt: skip
# What cataloguers write where the document does not say where it appeared, and who published it.
_NOBODY = re.compile(
    r"^(?:s\. ?l\.?|s\. ?n\.?|s\.l\.\?|sine loco|sine nomine|[\w ]*(?:place|publisher|date)[\w ]* not identified)$",
    re.IGNORECASE,
)
_LONGEST_PHRASE = 80
_IMPRINT_MARKS = {"a": "; ", "b": ": ", "c": ", "}


def read_details(record: Marc, notes: Notes) -> str:
    """Return the details, as many of the notes as there is room for."""
    imprint = joined((". ", part) for part in (_imprint(record), _extent(record)))
    rest = [
        *_editions(record),
        *_series(record),
        *_other_titles(record),
        *_hosts(record),
        *_notes(record),
        *(_ORIGINAL + text for text in _original_script(record) if text),
    ]
    parts = list(dict.fromkeys(filter(None, (imprint, *rest))))
    return within(LIMITS["details"], DASH, parts, notes)


def within(limit: int, separator: str, parts: list[str], notes: Notes) -> str:
    """Return the parts that fit, joined; a warning names what does not."""
    kept, length = [], 0
    for part in parts:
        length += len(part) + len(separator)
        if length > limit + len(separator):
            message = _("There is no room for all notes of this record; left out from here: %(text)s")
            notes.warn(message % {"text": part[:80]})
            break
        kept.append(part)
    return separator.join(kept)


def plain(field: Field, codes: str) -> str:
    """Return a field as one text, its subfields as they stand."""
    return " ".join(text.strip() for text in values(field, codes))


def _editions(record: Marc) -> list[str]:
    return [record.ended(plain(field, "ab")) for field in record.fields("250")]


def imprint_fields(record: Marc) -> list[Field]:
    """Return the fields of the imprint: of publication, else of production, distribution or manufacture."""
    found = record.fields("264", "260")
    by_kind = {kind: [one for one in found if _function(one) == kind] for kind in "1023"}
    return next((fields for fields in by_kind.values() if fields), [])


def _function(field: Field) -> str:
    return "1" if field.tag == "260" or second(field) not in "0234" else second(field)


def _imprint(record: Marc) -> str:
    pieces = []
    for field in imprint_fields(record)[:1]:
        for code, text in field.subfields:
            if code in _IMPRINT_MARKS and (text := _named(text, record.bare)):
                pieces.append((_IMPRINT_MARKS[code], text))
    if len(pieces) == 1 and pieces[0][0] == ", " and pieces[0][1] == date_in_control(record):
        return ""
    return joined(pieces)


def date_in_control(record: Marc) -> str:
    """Return the first date of field 008, as it is coded."""
    return record.control("008")[7:11]


def _named(text: str, bare: bool) -> str:
    """Return a place, publisher or date without brackets and marks; nothing where it says that there is none."""
    text = without_marks(text)
    if bare:
        return text
    text = without_stop(text)
    if text.startswith(("[", "(")) or text.endswith(("]", ")")):
        opened, closed = text.count("[") + text.count("("), text.count("]") + text.count(")")
        if opened != closed or (text[0] in "[(" and text[-1] in ")]" and opened == 1):
            text = without_marks(text.strip("[]()"))
    return "" if _NOBODY.match(text[:_LONGEST_PHRASE].strip("[]()")) else text


def _extent(record: Marc) -> str:
    found = []
    for field in record.fields("300"):
        text = plain(field, "abcefg")
        found.append(without_marks(text) if record.bare else without_marks(text.rstrip("+ ")))
    return "; ".join(filter(None, found))


def _series(record: Marc) -> Iterator[str]:
    """Yield the series in brackets, as they stand on the document; headings of series only where that is not given."""
    fields = record.fields("490") or record.fields("440", "800", "810", "811", "830")
    for field in fields:
        pieces: list[tuple[str, str]] = []
        for code, text in field.subfields:
            if code in "anptv":
                mark = "; " if code == "v" else ". " if pieces and code != "a" else "; "
                pieces.append((mark, record.ended(text)))
        if pieces:
            yield f"({joined(pieces)})"


def _other_titles(record: Marc) -> Iterator[str]:
    for field in record.fields("246", "740"):
        if text := record.ended(
            joined(
                (": " if code == "b" else ". ", without_marks(one)) for code, one in field.subfields if code in "abnp"
            )
        ):
            yield OTHER_TITLE + text


def _hosts(record: Marc) -> Iterator[str]:
    for field in record.fields("773"):
        pieces = [(". ", without_marks(text)) for code, text in field.subfields if code in "atbdg"]
        if pieces:
            yield "In: " + joined(pieces)


def _notes(record: Marc) -> Iterator[str]:
    yield from (text for text in (plain(field, "az") for field in record.fields("362")) if text)
    for tag in NOTE_TAGS:
        for field in record.fields(tag):
            text = plain(field, "abcdefghijklmno") if tag != "502" else _thesis(field)
            if text:
                yield text if record.bare else without_stop(text)


def _thesis(field: Field) -> str:
    text = " ".join(values(field, "a"))
    if text:
        return text
    pieces = [(", ", found.strip()) for found in values(field, "bcdgo")]
    return "Thesis: " + joined(pieces) if pieces else ""


def _original_script(record: Marc) -> Iterator[str]:
    """Yield the forms in the original script of what is romanised: who and what, where and when, series and notes."""
    if not record.original:
        return
    titles = _originals(record, "245", "abnp") if "245" in record.by_tag else []
    yield " / ".join(filter(None, ("; ".join(titles), "; ".join(original_names(record)))))
    for tag in ("260", "264"):
        yield from _originals(record, tag, "abc")
    for tag in ("490", "246", *NOTE_TAGS):
        yield from _originals(record, tag, "ab")


def _originals(record: Marc, tag: str, codes: str) -> list[str]:
    return [record.ended(plain(field, codes)) for field in record.original.get(tag, ())]
