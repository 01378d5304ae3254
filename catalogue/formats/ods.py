"""OpenDocument spreadsheets (.ods): tables like CSV, in the first sheet or the one that is named.

A row's number is that of the sheet. Formulas are never computed: their last value is read. Nothing grows in memory with
the file. A row that stands many times is read once, and a warning says how often it stands there.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft
from catalogue.formats.archives import archive_pieces, first_content, member, opened
from catalogue.formats.base import FormatError, ReadOptions
from catalogue.formats.cells import COLUMNS, write_cells
from catalogue.formats.spreadsheets import Cells, chosen, iso_text, no_sheet, number_text
from catalogue.formats.tables import Grid, Line
from catalogue.formats.tabular import Tabular
from catalogue.formats.xml import elements, local, writable

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = "urn:oasis:names:tc:opendocument:xmlns"
_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{_SPACES}:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_TYPE}"/>'
    f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_OPENING = (
    f'<office:document-content xmlns:office="{_SPACES}:office:1.0" xmlns:table="{_SPACES}:table:1.0" '
    f'xmlns:text="{_SPACES}:text:1.0" office:version="1.3"><office:body><office:spreadsheet>'
    f'<table:table table:name="Records"><table:table-column table:number-columns-repeated="{len(COLUMNS)}"/>\n'
)
_CLOSING = b"</table:table></office:spreadsheet></office:body></office:document-content>"
_CELLS = ("table-cell", "covered-table-cell")
_NUMBERS = ("float", "percentage", "currency")
_MOST_REPEATED = 2**31


class Ods(Tabular):
    """Reads and writes OpenDocument spreadsheets."""

    name = "ods"
    label = gettext_lazy("OpenDocument spreadsheet")
    extensions = ("ods", "ots")
    media_type = _TYPE
    binary = packed = True

    def detects(self, sample: bytes) -> bool:
        """Tell by the type that stands first in the archive."""
        return sample.startswith(b"PK\x03\x04") and first_content(sample).startswith(_TYPE.encode())

    def grid(self, file: BinaryIO, options: ReadOptions) -> Grid:
        """Return the rows of the sheet that was named, or of the first."""
        archive = opened(file)
        if "META-INF/manifest.xml" in archive.namelist():
            for entry in elements(member(archive, "META-INF/manifest.xml"), ("encryption-data",)):
                message = _("This spreadsheet is protected by a password (%(how)s). Save it without, and bring that.")
                raise FormatError(message % {"how": local(entry.tag)})
        return Grid(_lines(member(archive, "content.xml"), options.sheet))

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield a spreadsheet of one sheet; its cells are texts, never formulas, and years are numbers."""
        manifest = _XML + _MANIFEST.encode()
        parts = (
            ("mimetype", [_TYPE.encode()]),
            ("META-INF/manifest.xml", [manifest]),
            ("content.xml", _content(drafts)),
        )
        yield from archive_pieces(parts)


def _lines(content: BinaryIO, wanted: str) -> Iterator[Line]:
    names: list[str] = []
    number = 0
    found = False
    for element in elements(content, ("table-row",), marks=("table",)):
        if local(element.tag) == "table":
            if found:
                return
            names.append(_attribute(element, "name"))
            found, number = _is_wanted(names, wanted), 0
        elif found:
            times = _times(element, "number-rows-repeated")
            line = _line(number + 1, element, times)
            number += times
            if line.cells or line.warnings:
                yield line
    if not names:
        raise FormatError(_("There is no sheet in this spreadsheet."))
    if not found:
        raise no_sheet(names, wanted)


def _is_wanted(names: list[str], wanted: str) -> bool:
    """Tell whether the last of these sheets is the one that is to be read."""
    if not wanted:
        return True
    try:
        return chosen(names, wanted) == len(names) - 1
    except FormatError:
        return False


def _line(number: int, row: Element, times: int) -> Line:
    cells = Cells(number)
    column = 0
    for cell in row:
        if local(cell.tag) in _CELLS:
            repeated = _times(cell, "number-columns-repeated")
            if cell.attrib or len(cell):
                _take(cell, column, repeated, cells)
            column += repeated
    values = cells.as_list()
    if values and times > 1:
        message = _("This row stands %(times)d times, one below the other, and was read once.")
        cells.warnings.append(message % {"times": times})
    return Line(number, values, tuple(cells.warnings))


def _take(cell: Element, column: int, repeated: int, cells: Cells) -> None:
    values = {local(key): value for key, value in cell.attrib.items()}
    text = _typed(values, cell)
    if values.get("formula") and not text:
        cells.warn_of_formula(column)
    elif text.startswith(("#", "Err:")) and values.get("formula"):
        cells.warn_of_error(column, text)
    elif text:
        for place in range(column, column + repeated):
            cells.put(place, text)


def _typed(values: dict[str, str], cell: Element) -> str:
    kind = values.get("value-type", "")
    if kind in _NUMBERS and "value" in values:
        return number_text(values["value"])
    if kind == "date" and "date-value" in values:
        return iso_text(values["date-value"])
    if kind == "boolean":
        return values.get("boolean-value", "").upper()
    return values.get("string-value") or "\n".join(_text(part) for part in cell if local(part.tag) == "p")


def _text(element: Element) -> str:
    """Return the text of a paragraph; spaces, tabs and line breaks are elements in it, and so are remarks, left out."""
    pieces = [element.text or ""]
    for part in element:
        name = local(part.tag)
        if name == "s":
            pieces.append(" " * min(_times(part, "c"), 1_000))
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else "\n")
        elif name not in ("annotation", "note"):
            pieces.append(_text(part))
        pieces.append(part.tail or "")
    return "".join(pieces)


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if local(key) == name), "")


def _times(element: Element, name: str) -> int:
    text = _attribute(element, name)
    return max(1, min(int(text), _MOST_REPEATED)) if text.isascii() and text.isdigit() and len(text) < 12 else 1


def _content(drafts: Iterable[Draft]) -> Iterator[bytes]:
    yield _XML + _OPENING.encode()
    yield _row(list(COLUMNS), header=True)
    for draft in drafts:
        yield _row(write_cells(draft))
    yield _CLOSING


def _row(values: list[str], header: bool = False) -> bytes:
    row = Element("table:table-row")
    for name, value in zip(COLUMNS, values, strict=True):
        if name == "year" and value and not header and not value.startswith("0"):
            attributes = {"office:value-type": "float", "office:value": value}
        else:
            attributes = {"office:value-type": "string"} if value else {}
        cell = SubElement(row, "table:table-cell", attributes)
        for line in value.split("\n") if value else ():
            SubElement(cell, "text:p").text = writable(line)
    return tostring(row, encoding="utf-8") + b"\n"
