"""XML from anywhere, read record by record in bounded memory, and XML written. The formats made of XML call it.

What XML lets a hostile file do is refused: entities of its own, files from elsewhere, depth and length without end.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import BinaryIO
from xml.etree.ElementTree import Element, SubElement, TreeBuilder, tostring
from xml.parsers import expat

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError
from catalogue.formats.decoding import SAMPLE_SIZE, text_encoding

# The characters of one record, with its attributes; the bytes of one tag or declaration; elements within each other.
RECORD_LIMIT = 8_000_000
TOKEN_LIMIT = 4_000_000
MOST_DEEP = 200
# An element counts as so many characters at least, and each attribute as a few: empty ones fill the memory too.
_SHORTEST_ELEMENT, _SHORTEST_ATTRIBUTE = 50, 4
_LOOKED_AT = 60

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# No XML may hold these, much does, and nothing is lost with them.
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))
_ENDS_EARLY = frozenset(expat.errors.codes[name] for name in (
    expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_PARTIAL_CHAR,
))  # fmt: skip


def local(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition("}")[2]


def namespace(tag: str) -> str:
    """Return the namespace of an element; empty when it has none."""
    return tag[1:].rpartition("}")[0] if tag.startswith("{") else ""


def text_of(element: Element) -> str:
    """Return all text in an element, its parts and theirs, with single spaces."""
    return " ".join("".join(element.itertext()).split())


class _Builder:
    """Takes what the parser finds, and builds the elements that are wanted."""

    def __init__(self, wanted: Collection[str], marks: Collection[str]) -> None:
        self._wanted = frozenset(wanted)
        self._marks = frozenset(marks)
        self._tree: TreeBuilder | None = None
        self._depth = 0
        self._within = 0
        self._length = 0
        self.done: list[Element] = []

    def attach(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = _refuse_entity
        parser.ExternalEntityRefHandler = _refuse_entity
        parser.buffer_text = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEEP:
            message = _("This XML is nested deeper than %(most)d elements. No file of records is: it is damaged.")
            raise FormatError(message % {"most": MOST_DEEP})
        if self._tree is None:
            self._begin(name, attributes)
        else:
            self._within += 1
            values = sum(map(len, attributes.values())) + _SHORTEST_ATTRIBUTE * len(attributes)
            self._count(max(len(name), _SHORTEST_ELEMENT) + values)
            self._tree.start(_tag(name), attributes)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) in self._wanted:
            self._tree, self._within, self._length = TreeBuilder(), 1, 0
            self._tree.start(_tag(name), attributes)
        elif local(name) in self._marks:
            self.done.append(Element(_tag(name), attributes))

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._tree is not None:
            self._within -= 1
            self._tree.end(_tag(name))
            if not self._within:
                self.done.append(self._tree.close())
                self._tree = None

    def _text(self, text: str) -> None:
        if self._tree is not None:
            self._count(len(text))
            self._tree.data(text)

    def _count(self, length: int) -> None:
        self._length += length
        if self._length > RECORD_LIMIT:
            message = _("A record is longer than %(limit)d characters. No record is that long: the file is damaged.")
            raise FormatError(message % {"limit": RECORD_LIMIT})


def _tag(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_entity(*_what: object) -> int:
    message = _("This XML declares entities of its own, or asks for other files. That is not read, for safety.")
    raise FormatError(message)


def elements(
    file: BinaryIO, wanted: Collection[str], encoding: str = "", marks: Collection[str] = ()
) -> Iterator[Element]:
    """Yield the elements of those local names as the file streams by; of one within another, the outer.

    Those named in `marks` are yielded where they begin, without what is in them. Raises FormatError, with the line,
    where the XML is damaged.
    """
    builder = _Builder(wanted, marks)
    parser = expat.ParserCreate("utf-8" if encoding else None, "}")
    builder.attach(parser)
    fed = 0
    for chunk in _chunks(file, encoding):
        _parse(parser, chunk, final=False)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > TOKEN_LIMIT + SAMPLE_SIZE:
            message = _("Line %(line)d: a tag or a comment there does not end. The file is damaged.")
            raise FormatError(message % {"line": parser.CurrentLineNumber})
        yield from builder.done
        builder.done.clear()
    _parse(parser, b"", final=True)
    yield from builder.done


def _chunks(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Yield the bytes as a parser takes them: nothing before the first tag, and no control characters."""
    decoder = text_encoding(encoding) if encoding else None
    first = True
    while chunk := file.read(SAMPLE_SIZE):
        if decoder:
            chunk = decoder.decode(chunk).encode("utf-8", "replace")
        if first:
            chunk = chunk.lstrip(b" \t\r\n")
            wide = b"\x00" in chunk[:4] or chunk[:2] in (b"\xff\xfe", b"\xfe\xff")
            first = not chunk
        yield chunk if wide else chunk.translate(None, _CONTROL)


def _parse(parser: expat.XMLParserType, chunk: bytes, final: bool) -> None:
    try:
        parser.Parse(chunk, final)
    except expat.ExpatError as error:
        if final and error.code in _ENDS_EARLY:
            message = _("The file ends in the middle, at line %(line)d: it was cut off. Fetch or export it again.")
            raise FormatError(message % {"line": error.lineno}) from error
        message = _("Line %(line)d: this is not well-formed XML (%(reason)s). Fetch or export the file again.")
        raise FormatError(message % {"line": error.lineno, "reason": expat.ErrorString(error.code)}) from error
    except (LookupError, ValueError) as error:
        raise FormatError(_("This XML names an encoding that is not known. Name its encoding yourself.")) from error


def first_tags(sample: bytes) -> list[str]:
    """Return the tags of the first elements, the root first; empty for what is not XML. Raises nothing."""
    if not sample.lstrip(b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n").startswith(b"<"):
        return []
    tags: list[str] = []

    def take(name: str, _attributes: dict[str, str]) -> None:
        tags.append(_tag(name))
        if len(tags) == _LOOKED_AT:
            raise StopIteration

    parser = expat.ParserCreate(None, "}")
    parser.StartElementHandler = take
    parser.EntityDeclHandler = _refuse_entity
    with suppress(expat.ExpatError, FormatError, LookupError, ValueError, StopIteration):
        parser.Parse(sample.lstrip(b" \t\r\n"), False)
    return tags


def writable(text: str) -> str:
    """Return the text with a space for each character that XML cannot hold."""
    return _UNWRITABLE.sub(" ", text)


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Put an element with that text below another, and return it."""
    element = SubElement(parent, tag, attributes)
    element.text = writable(text)
    return element


def written(element: Element) -> bytes:
    """Return the element on lines of its own, in UTF-8."""
    return tostring(element, encoding="utf-8") + b"\n"
