"""Excel workbooks (.xlsx, .xlsm): tables like CSV, in the first sheet that is not hidden or the one that is named.

A row's number is that of the sheet. Formulas are never computed: their last value is read. Texts that many cells share
are held in memory, up to SHARED_LIMIT characters; nothing else grows with the file. Beyond what a table cannot say, a
cell holds at most 32,767 characters; a longer value is cut, and ends in "…".
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, SubElement, tostring
from zipfile import ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft
from catalogue.formats.archives import archive_pieces, first_content, local_names, member, opened
from catalogue.formats.base import FormatError, ReadOptions
from catalogue.formats.cells import COLUMNS, write_cells
from catalogue.formats.spreadsheets import Cells, chosen, column_name, column_number, date_text, iso_text, number_text
from catalogue.formats.tables import Grid, Line
from catalogue.formats.tabular import Tabular
from catalogue.formats.xml import elements, local, writable

SHARED_LIMIT = 200_000_000
CELL_LIMIT = 32_767
MOST_ROWS = 1_048_576
# What an empty text counts: its place in a list is memory too.
_SHORTEST_TEXT = 8

_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(50, 59)))
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = (
    (
        "[Content_Types].xml",
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    ),
    (
        "_rels/.rels",
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        f'Target="xl/workbook.xml"/></Relationships>',
    ),
    (
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="Records" sheetId="1" r:id="rId1"/></sheets></workbook>',
    ),
    (
        "xl/_rels/workbook.xml.rels",
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        f'Target="worksheets/sheet1.xml"/></Relationships>',
    ),
)


class Xlsx(Tabular):
    """Reads and writes Excel workbooks."""

    name = "xlsx"
    label = gettext_lazy("Excel workbook")
    extensions = ("xlsx", "xlsm")
    media_type = f"{_TYPE}.sheet"
    binary = packed = True

    def detects(self, sample: bytes) -> bool:
        """Tell by the parts of a workbook in an archive."""
        if not sample.startswith(b"PK\x03\x04"):
            return False
        names = local_names(sample)
        if any(name.startswith("xl/") for name in names):
            return True
        return names[0] == "[Content_Types].xml" and b"spreadsheetml" in first_content(sample)

    def grid(self, file: BinaryIO, options: ReadOptions) -> Grid:
        """Return the rows of the sheet that was named, or of the first."""
        return Grid(_Workbook(opened(file)).lines(options.sheet))

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield a workbook of one sheet; its cells are texts, never formulas, and years are numbers."""
        parts = [(name, [_XML + text.encode()]) for name, text in _PARTS]
        yield from archive_pieces([*parts, ("xl/worksheets/sheet1.xml", _sheet(drafts))])


class _Workbook:
    """An archive that holds a workbook."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        self._from_1904 = False
        self._sheets: list[tuple[str, str, bool]] = []
        self._find_sheets()
        self._dates = self._date_styles()

    def _find_sheets(self) -> None:
        workbook = self._named("xl/workbook.xml")
        folder, _slash, base = workbook.rpartition("/")
        targets = {
            _attribute(item, "Id"): (_attribute(item, "Type"), _path(folder, _attribute(item, "Target")))
            for item in self._elements(f"{folder}/_rels/{base}.rels", "Relationship")
        }
        for item in self._elements(workbook, "sheet", "workbookPr"):
            if local(item.tag) == "workbookPr":
                self._from_1904 = item.get("date1904") in ("1", "true")
            else:
                kind, path = targets.get(_attribute(item, "id"), ("", ""))
                if kind.endswith("/worksheet"):
                    self._sheets.append((item.get("name", ""), path, item.get("state", "visible") == "visible"))
        if not self._sheets:
            raise FormatError(_("There is no sheet with cells in this workbook."))

    def _named(self, name: str) -> str:
        """Return the name of a part as the archive has it: some programs write other cases."""
        return next((known for known in self._names if known.lower() == name.lower()), name)

    def _elements(self, name: str, *wanted: str) -> Iterator[Element]:
        return elements(member(self._archive, name), wanted)

    def _date_styles(self) -> frozenset[int]:
        """Return the numbers of the styles that show a number of days as a date."""
        name = self._named("xl/styles.xml")
        if name not in self._names:
            return frozenset()
        formats, styles = set(_DATE_FORMATS), []
        for item in self._elements(name, "numFmt", "cellXfs"):
            if local(item.tag) == "numFmt" and _is_date_format(item.get("formatCode", "")):
                formats.add(_whole(item.get("numFmtId", "")))
            styles += [_whole(style.get("numFmtId", "")) for style in item]
        return frozenset(place for place, number in enumerate(styles) if number in formats)

    def _shared(self) -> list[str]:
        name = self._named("xl/sharedStrings.xml")
        texts: list[str] = []
        length = 0
        for item in self._elements(name, "si") if name in self._names else ():
            texts.append(_text(item))
            length += len(texts[-1]) + _SHORTEST_TEXT
            if length > SHARED_LIMIT:
                message = _("This workbook holds more than %(most)d characters. Save the sheet as CSV, and bring that.")
                raise FormatError(message % {"most": SHARED_LIMIT})
        return texts

    def lines(self, wanted: str) -> Iterator[Line]:
        """Yield the rows of a sheet."""
        names = [name for name, _path, _visible in self._sheets]
        visible = next((place for place, sheet in enumerate(self._sheets) if sheet[2]), 0)
        _name, path, _visible = self._sheets[chosen(names, wanted) if wanted else visible]
        shared = self._shared()
        number = 0
        for row in self._elements(path, "row"):
            given = _whole(row.get("r", ""))
            number = given if number < given <= MOST_ROWS else number + 1
            if len(row):
                yield self._line(number, row, shared)

    def _line(self, number: int, row: Element, shared: list[str]) -> Line:
        cells = Cells(number)
        column = -1
        for cell in row:
            match = _REFERENCE.fullmatch(cell.get("r", ""))
            column = column_number(match[1]) if match else column + 1
            self._take(cell, column, cells, shared)
        return Line(number, cells.as_list(), tuple(cells.warnings))

    def _take(self, cell: Element, column: int, cells: Cells, shared: list[str]) -> None:
        kind = cell.get("t", "n")
        parts = {local(part.tag): part for part in cell}
        value = (parts["v"].text or "") if "v" in parts else ""
        if kind == "inlineStr":
            cells.put(column, _text(parts["is"]) if "is" in parts else "")
        elif kind == "s":
            place = _whole(value)
            cells.put(column, shared[place] if 0 <= place < len(shared) else "")
        elif not value:
            if "f" in parts:
                cells.warn_of_formula(column)
        elif kind == "e":
            cells.warn_of_error(column, value)
        else:
            cells.put(column, self._typed(kind, value, cell))

    def _typed(self, kind: str, value: str, cell: Element) -> str:
        if kind == "str":
            return _unescaped(value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "d":
            return iso_text(value)
        return date_text(value, self._from_1904) if _whole(cell.get("s", "")) in self._dates else number_text(value)


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if local(key) == name), "")


def _path(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"{folder}/{target.removeprefix('./')}"


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _is_date_format(code: str) -> bool:
    """Tell whether a number format shows a day, a month or a year; minutes are an "m" too."""
    letters = set(_NOT_FORMAT.sub("", code).lower())
    return code.lower() != "general" and (bool(letters & set("yd")) or ("m" in letters and not letters & set("hs")))


def _text(element: Element) -> str:
    """Return a text, put together from its parts of different looks; how it is pronounced is left out."""
    runs = [part for part in element if local(part.tag) in ("t", "r")]
    texts = (text.text or "" for run in runs for text in run.iter() if local(text.tag) == "t")
    return _unescaped("".join(texts))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _sheet(drafts: Iterable[Draft]) -> Iterator[bytes]:
    yield _XML + f'<worksheet xmlns="{_MAIN}"><sheetData>\n'.encode()
    yield _row(1, list(COLUMNS))
    for number, draft in enumerate(drafts, start=2):
        if number > MOST_ROWS:
            message = _("A sheet has at most %(most)d rows. Take these records as CSV.")
            raise FormatError(message % {"most": MOST_ROWS})
        yield _row(number, write_cells(draft))
    yield b"</sheetData></worksheet>"


def _row(number: int, values: list[str]) -> bytes:
    row = Element("row", {"r": str(number)})
    for column, value in enumerate(values):
        if not value:
            continue
        place = f"{column_name(column)}{number}"
        if COLUMNS[column] == "year" and number > 1 and not value.startswith("0"):
            SubElement(SubElement(row, "c", {"r": place}), "v").text = value
        else:
            cell = SubElement(SubElement(row, "c", {"r": place, "t": "inlineStr"}), "is")
            SubElement(cell, "t", {"xml:space": "preserve"}).text = _escaped(value)
    return tostring(row, encoding="utf-8") + b"\n"


def _escaped(value: str) -> str:
    text = _TO_ESCAPE.sub("_x005F_", writable(value))
    units = len(text.encode("utf-16-le", "replace")) // 2
    return text if units <= CELL_LIMIT else text[: CELL_LIMIT - 1 - (units - len(text))] + "…"
