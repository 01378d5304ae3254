"""RIS: the tagged format that every reference manager reads. One record from TY to ER, one value a line, in UTF-8.

What RIS has no tag for stands in notes with a label before it ("Details: Sheffield, UK: ..."), so that nothing is lost.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft, clean_line
from catalogue.formats.base import Format, FormatError, ReadOptions, Row
from catalogue.formats.identifiers import RECORD, write_pair
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


class Ris(Format):
    """Writes RIS; reading it is not there yet."""

    name = "ris"
    label = gettext_lazy("RIS")
    extensions = ("ris",)
    media_type = "application/x-research-info-systems"

    def detects(self, sample: bytes) -> bool:
        return False

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        raise FormatError(_("Records cannot be read from %(format)s yet.") % {"format": self.label})

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield the records with an empty line after each, lines ending as the format's description has it."""
        for draft in drafts:
            values = ((tag, clean_line(value)) for tag, value in _values(draft) if value)
            lines = [f"{tag}  - {value}" for tag, value in values if value]
            yield "\r\n".join([*lines, "ER  - ", "", ""]).encode("utf-8", "replace")


def _values(draft: Draft) -> Iterator[tuple[str, str]]:
    yield "TY", TYPES.get(draft.kind, OTHER)
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
    yield from _identified(draft)
    for label, value in (
        ("Details", draft.details),
        ("Source", draft.source),
        ("Country", draft.country),
        ("Rights", draft.rights),
    ):
        yield "N1", f"{label}: {value}" if value else ""


def _identified(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield identifiers and addresses: each tag once, since of a repeated one programs keep the first or the last."""
    record = next((item.value for item in draft.identifiers if item.scheme == RECORD), "")
    yield "ID", record.rpartition("/")[2]
    yield "UR", draft.url or record
    taken = set()
    for item in draft.identifiers:
        tag = TAGS.get(item.scheme, "N1")
        if tag in taken or (item.scheme == RECORD and not draft.url):
            tag = "N1" if item.scheme != RECORD else ""
        if tag == "N1":
            yield tag, write_pair(item)
        elif tag:
            yield tag, item.value
            taken.add(tag)
