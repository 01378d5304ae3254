"""The text of DOCX and ODT files: their XML read as it is unpacked, within bounds. Runs in a process of its own.

What was deleted with changes tracked, and comments in the margin, are not part of the text.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from catalogue.formats.archives import member, opened
from catalogue.formats.base import FormatError
from catalogue.formats.xml import elements, local
from catalogue.texts.bounds import End, Stopped

_DOCX_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
# The older of two ways in which Word writes one and the same text box.
_DOCX_LEFT_OUT = ("Fallback", "del", "moveFrom", "instrText")
_ODT_LEFT_OUT = ("annotation", "tracked-changes")
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "s": " ", "line-break": "\n", "p": "\n", "h": "\n"}


def docx_paragraphs(path: Path) -> Iterator[str]:
    """Yield the paragraphs of a Word document, then its notes. Raises Stopped."""
    with path.open("rb") as file, _in_bounds(), opened(file) as archive:
        for name in _DOCX_PARTS:
            if name in archive.namelist():
                for paragraph in elements(member(archive, name), ("p",)):
                    yield "".join(_texts(paragraph, _DOCX_LEFT_OUT, ("t",)))


def odt_paragraphs(path: Path) -> Iterator[str]:
    """Yield the paragraphs and headings of an OpenDocument text. Raises Stopped."""
    with path.open("rb") as file, _in_bounds(), opened(file) as archive:
        if _is_protected(archive):
            raise Stopped(End.PROTECTED)
        for element in elements(member(archive, "content.xml"), ("p", "h", *_ODT_LEFT_OUT)):
            if local(element.tag) not in _ODT_LEFT_OUT:
                yield "".join(_texts(element, _ODT_LEFT_OUT, ()))


class _in_bounds:  # noqa: N801 - used as a function
    """Turn what the readers of the formats say of damage into Stopped."""

    def __enter__(self) -> None:
        """Nothing is to be made ready."""

    def __exit__(self, kind: type | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, FormatError):
            raise Stopped(End.DAMAGED) from error


def _is_protected(archive: ZipFile) -> bool:
    if "META-INF/manifest.xml" not in archive.namelist():
        return False
    return b"encryption-data" in cast(BinaryIO, member(archive, "META-INF/manifest.xml")).read(1_000_000)


def _texts(element: Element, left_out: Collection[str], only: Collection[str]) -> Iterator[str]:
    """Yield the pieces of text in an element, those of elements named `only` where that is not empty."""
    name = local(element.tag)
    if name in left_out:
        return
    if element.text and (not only or name in only):
        yield element.text
    for child in element:
        yield _SPACES.get(local(child.tag), "")
        yield from _texts(child, left_out, only)
        if child.tail and not only:
            yield child.tail
