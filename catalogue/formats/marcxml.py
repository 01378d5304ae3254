"""MARCXML (the schema MARC21slim): MARC 21 records as XML, alone, in a collection, or wrapped as OAI-PMH does it.

A row's number is the ordinal of the record. A record that is no XML is a problem of its own: reading goes on after it.
A document type is refused, so that no entity can be defined and nothing is fetched.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy
from pymarc.marcxml import MARC_XML_NS, record_to_xml_node

from catalogue.draft import Draft
from catalogue.formats.base import Format, Notes, ReadOptions, Row
from catalogue.formats.decoding import decode_sample
from catalogue.formats.marc_fields import read_row
from catalogue.formats.marc_writing import write_record
from catalogue.formats.marcxml_records import XmlRecord, records_in

_MARKUP = re.compile(r"<(?:\w+:)?(?:datafield|controlfield|leader)[\s>]|[\"']" + re.escape(MARC_XML_NS) + "[\"']")
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{MARC_XML_NS}">\n'.encode()


class MarcXml(Format):
    """Reads and writes MARCXML."""

    name = "marcxml"
    label = gettext_lazy("MARCXML")
    extensions = ("xml", "marcxml")
    media_type = "application/marcxml+xml"

    def detects(self, sample: bytes) -> bool:
        """Tell by the elements of MARCXML, or its namespace, in what begins like XML."""
        text = decode_sample(sample)
        return text.lstrip().startswith("<") and bool(_MARKUP.search(text))

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every record."""
        for number, record in enumerate(records_in(file, options.encoding), start=1):
            yield _row(number, record)

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield the records in one collection."""
        yield _HEAD
        for draft in drafts:
            yield ElementTree.tostring(record_to_xml_node(write_record(draft, binary=False)), "utf-8") + b"\n"
        yield b"</collection>\n"


def _row(number: int, record: XmlRecord) -> Row:
    notes = Notes()
    if record.problem:
        notes.problem("", "", record.problem)
        return notes.row(number, None)
    return read_row(number, record.leader, record.fields, notes)
