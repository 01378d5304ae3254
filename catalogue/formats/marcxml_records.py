"""The records of a MARCXML file, one after another in flat memory, however damaged the XML is. Called by marcxml.

Expat reads; names are taken without their prefix. After an error reading begins anew at the next "<record".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _
from pymarc import Field, Indicators, Subfield

from catalogue.formats.base import FormatError
from catalogue.formats.decoding import known_encoding
from catalogue.formats.marc_fields import TAGS

RECORD_LIMIT = 4_000_000
_CHUNK = 65_536
_RECORD = re.compile(rb"<(?:\w{1,30}:)?record[\s>]")
_LONGEST_RECORD_TAG = 40
_RESUMED = b"<collection>"
_VALUES = frozenset(("leader", "controlfield", "subfield"))
_MOST_NESTED = 50
# What a field or subfield counts besides its text: a million empty ones are no record.
_ELEMENT = 30


@dataclass
class XmlRecord:
    """One record as it was found; `problem` says why it could not be read."""

    leader: str = ""
    fields: list[Field] = field(default_factory=list)
    problem: str = ""


class _Elements:
    """What expat calls: it puts records together and keeps those that are complete."""

    def __init__(self, encoding: str) -> None:
        self.found: list[XmlRecord] = []
        self.record: XmlRecord | None = None
        self.started = False
        self._field: Field | None = None
        self._text: list[str] | None = None
        self._attributes: dict[str, str] = {}
        self._length = self._depth = 0
        self.parser = expat.ParserCreate(encoding or None)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = _refuse_document_type
        self.parser.XmlDeclHandler = self._declaration
        self.encoding = encoding

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = self.encoding or encoding or ""

    def parse(self, chunk: bytes) -> None:
        """Go on with these bytes; none end the file."""
        try:
            self.parser.Parse(chunk, not chunk)
        except (LookupError, ValueError) as error:
            message = _("This file is in the encoding “%(name)s”, which is not known for XML. Save it as UTF-8.")
            raise FormatError(message % {"name": self.encoding}) from error

    def take(self) -> list[XmlRecord]:
        """Return the records that are complete, once."""
        found, self.found = self.found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        self._count()
        if kind == "record":  # that of OAI-PMH holds another
            self.record, self._field, self._length = XmlRecord(), None, 0
            self.started = True
        elif self.record is None:
            return
        elif kind == "datafield":
            self._field = _data_field(attributes)
            if self._field.tag in TAGS:
                self.record.fields.append(self._field)
        elif kind in _VALUES:
            self._text, self._attributes = [], attributes

    def _count(self) -> None:
        self._depth += 1
        if self._depth > _MOST_NESTED:
            raise FormatError(_("The elements of this file are nested too deeply: this is no MARCXML."))
        self._lengthen(_ELEMENT)

    def _lengthen(self, length: int) -> None:
        self._length += length
        if self._length > RECORD_LIMIT and self.record is not None:
            message = _(
                "This record is longer than %(limit)d characters: the file is damaged here, and it is left out."
            )
            self.record = XmlRecord(problem=message % {"limit": RECORD_LIMIT})
            self._text = self._field = None
            self._length = 0

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
            self._lengthen(len(text))

    def _end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        self._depth -= 1
        if self.record is None:
            return
        if kind == "record":
            if self.record.fields or self.record.leader or self.record.problem:
                self.found.append(self.record)
            self.record = None
        elif kind in _VALUES and self._text is not None:
            self._keep(kind, "".join(self._text), self.record)
            self._text = None
        elif kind == "datafield":
            self._field = None

    def _keep(self, kind: str, text: str, record: XmlRecord) -> None:
        if kind == "leader":
            record.leader = text
        elif kind == "controlfield":
            record.fields.append(Field(_tag(self._attributes), data=text))
        elif self._field is not None:
            self._field.subfields.append(Subfield(self._attributes.get("code", "")[:1] or "a", text))


def _tag(attributes: dict[str, str]) -> str:
    return attributes.get("tag", "").strip()[:3].rjust(3, "0")


def _data_field(attributes: dict[str, str]) -> Field:
    first, second = (attributes.get(name, "")[:1] or " " for name in ("ind1", "ind2"))
    return Field(_tag(attributes), Indicators(first, second), [])


def _refuse_document_type(*_arguments: Any) -> None:
    message = _("This file declares a document type (<!DOCTYPE …>), which no MARCXML needs. Remove it, or export anew.")
    raise FormatError(message)


def records_in(file: BinaryIO, encoding: str) -> Iterator[XmlRecord]:
    """Yield the records. Raises FormatError where this is no XML, or XML with a document type."""
    return _Source(file, known_encoding(encoding) if encoding else "").records()


class _Source:
    """A file that is read once, and read on from the next record after an error."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._elements = _Elements(encoding)
        self._before = b""  # the chunk before this one: an error may lie there
        self._fed = 0  # bytes that the parser had before this chunk
        self._resumed = False
        self._problem = ""

    def records(self) -> Iterator[XmlRecord]:
        """Yield all records of the file."""
        found_any = False
        chunk: bytes | None = self._file.read(_CHUNK).removeprefix(b"\xef\xbb\xbf").lstrip()
        while chunk is not None:
            try:
                self._elements.parse(chunk)
            except expat.ExpatError as error:
                self._problem = self._problem or str(error)
                found = [*self._elements.take(), *self._broken(str(error), ended=not chunk)]
                chunk = self._resume(chunk)
            else:
                found = self._elements.take()
                chunk = self._next(chunk)
            yield from found
            found_any = found_any or bool(found)
        if not found_any:
            raise FormatError(self._no_record())

    def _next(self, chunk: bytes) -> bytes | None:
        if not chunk:
            return None
        self._before, self._fed = chunk, self._fed + len(chunk)
        if self._fed - self._elements.parser.CurrentByteIndex > RECORD_LIMIT:
            message = _("A tag of this file is longer than %(limit)d characters: this is no MARCXML.")
            raise FormatError(message % {"limit": RECORD_LIMIT})
        return self._file.read(_CHUNK)

    def _broken(self, reason: str, ended: bool) -> Iterator[XmlRecord]:
        """Yield what is to be said of an error; after the first one, only if it lies in a record."""
        inside = self._elements.record is not None
        if ended and inside:
            yield XmlRecord(problem=_("The file ends in the middle of this record. Fetch it again, as a whole."))
        elif ended and not self._resumed and self._elements.started:
            yield XmlRecord(problem=_("The file ends before its last tag: records may be missing. Fetch it again."))
        elif inside or (not self._resumed and self._elements.started):
            message = _("The XML is damaged here (%(reason)s); reading went on at the next record.")
            yield XmlRecord(problem=message % {"reason": reason})

    def _resume(self, chunk: bytes) -> bytes | None:
        """Begin anew at the next record, and return the bytes from there on; None when there is none."""
        index = max(self._elements.parser.ErrorByteIndex, len(_RESUMED) + 1 if self._resumed else 0)
        window = self._before + chunk
        start = max(0, index - self._fed + len(self._before))
        while not (match := _RECORD.search(window, start)):
            chunk = self._file.read(_CHUNK)
            if not chunk:
                return None
            window, start = window[-_LONGEST_RECORD_TAG:] + chunk, max(0, start - len(window) + _LONGEST_RECORD_TAG)
        started = self._elements.started
        self._elements = _Elements(self._elements.encoding)
        self._elements.started = started
        self._elements.parse(_RESUMED)
        self._before, self._fed, self._resumed = b"", len(_RESUMED), True
        return window[match.start() :]

    def _no_record(self) -> str:
        if self._problem:
            return _("This is no MARCXML: %(reason)s.") % {"reason": self._problem}
        return _("There is no record in this file.")
