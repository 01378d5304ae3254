"""Refer: the references that EndNote, Google Scholar and many catalogues give as `.enw`, one value a line after `%T`.

A row's number is the ordinal of the record. Each tag stands for one of RIS, and `ris_drafts` says what those mean. It
is read, never written.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.formats.base import Format, FormatError, ReadOptions, Row
from catalogue.formats.decoding import TextSource, decode_sample
from catalogue.formats.ris_drafts import read_draft
from catalogue.formats.ris_records import Lines, Record

# What has no tag of RIS beside it here is of use to reference managers alone.
TAGS = {
    "0": "TY", "A": "AU", "B": "T2", "C": "CY", "D": "PY", "E": "ED", "G": "LA", "I": "PB", "J": "JO", "K": "KW",
    "L": "CN", "M": "AN", "N": "IS", "P": "SP", "R": "DO", "T": "TI", "U": "UR", "V": "VL", "W": "DP", "X": "AB",
    "Z": "N1", "7": "ET", "8": "DA", "9": "M3", "@": "SN", "~": "DB",
}  # fmt: skip
# The types that RIS has a code for, because its other tags depend on them; the others are read by their names.
TYPES = {
    "Report": "RPRT", "Government Document": "GOVDOC", "Generic": "GEN", "Unpublished Work": "UNPB",
    "Electronic Article": "JOUR", "Electronic Book": "BOOK", "Standard": "STAND", "Pamphlet": "PAMP",
}  # fmt: skip
_LINE = re.compile(r"%([0-9A-Z@~!?#$&*()+<>^\[\]=]) ?(.*)", re.DOTALL)
_START = re.compile(r"^\s*%0 \S", re.MULTILINE)
_TITLE = re.compile(r"^%T \S", re.MULTILINE)
_ANOTHER = re.compile(r"^%[ADIJX] \S", re.MULTILINE)


class Refer(Format):
    """Reads Refer."""

    name = "refer"
    label = gettext_lazy("Refer (EndNote .enw)")
    extensions = ("enw", "refer")
    media_type = "application/x-endnote-refer"
    is_written = False

    def detects(self, sample: bytes) -> bool:
        """Tell by a line with a title and one with the type or another value, the first line with a tag."""
        text = decode_sample(sample).lstrip("\ufeff \t\r\n").replace("\r\n", "\n").replace("\r", "\n")
        return bool(_LINE.match(text) and _TITLE.search(text) and (_START.search(text) or _ANOTHER.search(text)))

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every record."""
        number = 0
        for number, lines in enumerate(_divided(TextSource(file, options.encoding).lines()), start=1):
            yield _row(lines.record(number))
        if not number:
            raise FormatError(_("There is no record in this file: no line begins with “%T ”, as titles in Refer do."))


def _divided(lines: Iterator[str]) -> Iterator[Lines]:
    """Yield the records. One begins with its type or, where records have none, after an empty line."""
    record: Lines | None = None
    was_empty = False
    for number, line in enumerate(lines, start=1):
        match = _LINE.match(line)
        if match and (record is None or match[1] == "0" or (was_empty and not record.has("TY"))):
            if record:
                yield record
            record = Lines(number, loose=False)
        if match and record:
            # What is left out must be named too: lines without a tag go on with it.
            record.take(TAGS.get(match[1], "ID"), _type(match[2]) if match[1] == "0" else match[2].strip())
        elif record:
            record.take("", line.strip())
        was_empty = not line.strip()
    if record:
        yield record


def _type(text: str) -> str:
    return TYPES.get(text.strip(), text.strip())


def _row(record: Record) -> Row:
    notes = record.notes
    if any("\x00" in value for values in record.values.values() for value in values):
        message = _("The record that begins at line %(line)d holds a zero byte: the file is damaged here.")
        notes.problem("", "", message % {"line": record.line})
        return notes.row(record.number, None)
    return notes.row(record.number, read_draft(record))
