"""RIS: the tagged format that every reference manager reads. One record from TY to ER, one value a line, in UTF-8.

A row's number is the ordinal of the record. What RIS has no tag for stands in notes with a label before it ("Details:
Sheffield, UK: ..."), so that it comes back; README.md has the table of what does not.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft, Identifier, clean_line
from catalogue.formats.base import Format, FormatError, ReadOptions, Row
from catalogue.formats.decoding import TextSource, decode_sample
from catalogue.formats.identifiers import RECORD, write_pair
from catalogue.formats.references import WORKS, is_plain_doi, standard_number
from catalogue.formats.ris_drafts import IDENTIFIER, read_draft, unknown
from catalogue.formats.ris_records import Record, read_records
from catalogue.imprint import read_imprint

TYPES = {
    "report": "RPRT",
    "evaluation": "RPRT",
    "working-paper": "RPRT",
    "policy": "RPRT",
    "thesis": "THES",
    "conference": "CONF",
    "article": "JOUR",
    "chapter": "CHAP",
    "book": "BOOK",
    "dataset": "DATA",
    "web": "ELEC",
    "legal": "LEGAL",
}
OTHER = "GEN"
# The identifiers that have a tag, which holds one of them; what else there is goes into the notes.
TAGS = {"doi": "DO", "isbn": "SN", "issn": "SN", "report": "M1"}
_TYPE = re.compile(r"^(?:\ufeff)?\s*TY\s{0,4}-\s*\S", re.MULTILINE)
_ANOTHER = re.compile(r"^\s*(?:[A-Z][A-Z0-9]\s{0,4}-(?!-))", re.MULTILINE)


class Ris(Format):
    """Reads and writes RIS."""

    name = "ris"
    label = gettext_lazy("RIS")
    extensions = ("ris",)
    media_type = "application/x-research-info-systems"

    def detects(self, sample: bytes) -> bool:
        """Tell by a line with the type of a record, and another with a tag."""
        text = decode_sample(sample).replace("\r\n", "\n").replace("\r", "\n")
        return bool(_TYPE.search(text)) and len(_ANOTHER.findall(text)) > 1

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every record; what stands before, between and after them is passed over."""
        named: set[str] = set()
        number = 0
        for record in read_records(TextSource(file, options.encoding).lines()):
            number = record.number
            yield _row(record, named)
        if not number:
            raise FormatError(_("There is no record in this file: no line begins with “TY  - ”, as records in RIS do."))

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield the records with an empty line after each, lines ending as the format's description has it."""
        for draft in drafts:
            values = ((tag, clean_line(value)) for tag, value in _values(draft) if value)
            lines = [f"{tag}  - {value}" for tag, value in values if value]
            yield "\r\n".join([*lines, "ER  - ", "", ""]).encode("utf-8", "replace")


def _row(record: Record, named: set[str]) -> Row:
    """Return the Row of a record. A tag that nobody knows is told of once a file, not with every record."""
    notes = record.notes
    if any("\x00" in value for values in record.values.values() for value in values):
        message = _("The record that begins at line %(line)d holds a zero byte: the file is damaged here.")
        notes.problem("", "", message % {"line": record.line})
        return notes.row(record.number, None)
    for tag, value in unknown(record):
        if tag not in named:
            named.add(tag)
            message = _("The tag %(tag)s is not known; its values are left out, here and further on: %(value)s")
            notes.warn(message % {"tag": tag, "value": value})
    return notes.row(record.number, read_draft(record))


def _values(draft: Draft) -> Iterator[tuple[str, str]]:
    kind = TYPES.get(draft.kind, OTHER)
    yield "TY", kind
    yield "TI", draft.title
    for name in draft.authors:
        yield "AU", name.heading
    yield "PY", "" if draft.year is None else f"{draft.year:04d}"
    yield "AB", draft.summary
    for keyword in draft.keywords:
        yield "KW", keyword
    imprint = read_imprint(draft.details)
    yield "PB", imprint.publisher
    yield "CY", imprint.place
    yield "LA", draft.language
    yield "CN", draft.shelf_number
    yield "M3", WORKS.get(draft.kind, "") if kind in (OTHER, "RPRT") else ""
    yield from _identified(draft, kind)
    for label, value in (
        ("Details", draft.details),
        ("Source", draft.source),
        ("Country", draft.country),
        ("Rights", draft.rights),
    ):
        yield "N1", f"{label}: {value}" if value else ""


def _identified(draft: Draft, kind: str) -> Iterator[tuple[str, str]]:
    """Yield identifiers and addresses: each tag once, since of a repeated one programs keep the first or the last."""
    record = next((item.value for item in draft.identifiers if item.scheme == RECORD), "")
    yield "ID", record.rpartition("/")[2]
    yield "UR", draft.url or record
    taken = set()
    for item in draft.identifiers:
        tag = TAGS[item.scheme] if _has_tag(item, kind) else "N1"
        if tag in taken or (item.scheme == RECORD and not draft.url):
            tag = "N1" if item.scheme != RECORD else ""
        if tag == "N1":
            yield tag, f"{IDENTIFIER}: {write_pair(item)}"
        elif tag:
            yield tag, item.value
            taken.add(tag)


def _has_tag(item: Identifier, kind: str) -> bool:
    """Tell whether the tag of an identifier's scheme will be understood: SN by its form, M1 with reports alone."""
    if item.scheme in ("isbn", "issn"):
        return standard_number(item.value) == item.scheme
    return (item.scheme == "report" and kind == "RPRT") or (item.scheme == "doi" and is_plain_doi(item.value))
