"""MARC 21 as libraries exchange it: binary records (ISO 2709), in UTF-8, MARC-8 or what they took for it.

A row's number is the ordinal of the record. Records of authorities and holdings are set aside.

What this cannot say (README.md has it for all formats): drafts, reasons of withdrawal, replacements; line breaks in a
paragraph; a comma, colon, semicolon, slash or equals sign that ends a title, name or keyword; the order of identifiers;
an ISBN or ISSN among other text; a language without a code of ISO 639-2. A paragraph over 9,900 bytes is parted, and of
a record over 99,999 bytes the last paragraphs and keywords are left out.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pymarc import Field, Indicators, Subfield

from catalogue.draft import Draft
from catalogue.formats.base import Format, FormatError, Notes, ReadOptions, Row
from catalogue.formats.decoding import known_encoding
from catalogue.formats.marc_decoding import Decode, decoder, is_marc8
from catalogue.formats.marc_fields import TAGS, read_row
from catalogue.formats.marc_records import RawRecord, cut, fields_of
from catalogue.formats.marc_writing import write_record

_START = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x00]*[\d ]{5}[ -~]{7}[ -~]{5}[ -~]{7}")


class Marc21(Format):
    """Reads and writes MARC 21 records in ISO 2709."""

    name = "marc"
    label = gettext_lazy("MARC 21")
    extensions = ("mrc", "marc")
    # Its marks are control characters.
    binary = True
    media_type = "application/marc"

    def detects(self, sample: bytes) -> bool:
        """Tell by a leader, and by the marks that end fields and begin their parts."""
        return bool(_START.match(sample)) and b"\x1e" in sample and (b"\x1f" in sample or b"\x1d" in sample)

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every record; one that is damaged costs no other."""
        encoding = _encoding(options.encoding)
        number = 0
        for number, record in enumerate(cut(file), start=1):
            yield _row(number, record, encoding)
        if not number:
            raise FormatError(_("There is no record in this file."))

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield one record a draft, in UTF-8."""
        for draft in drafts:
            yield write_record(draft, binary=True).as_marc()


def _encoding(name: str) -> str:
    return name if not name or is_marc8(name) else known_encoding(name)


def _row(number: int, record: RawRecord, encoding: str) -> Row:
    notes = Notes()
    raw = fields_of(record, notes)
    if raw is None:
        return notes.row(number, None)
    leader = raw.leader.decode("ascii", "replace")
    wanted = [(tag, data) for tag, data in raw.fields if tag in TAGS]
    decode = decoder(b"".join(data for _tag, data in wanted), raw.leader, encoding, notes)
    return read_row(number, leader, [field(tag, data, decode) for tag, data in wanted], notes)


def field(tag: str, data: bytes, decode: Decode) -> Field:
    """Return one field, decoded; indicators that are missing are blank."""
    head, *parts = decode(data)
    if tag < "010":
        return Field(tag, data=head)
    head = head.ljust(2)
    return Field(tag, Indicators(head[0], head[1]), [Subfield(text[:1], text[1:]) for text in parts if text])
