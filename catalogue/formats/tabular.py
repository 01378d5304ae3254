"""CSV and TSV: tables with one record a row, in any encoding, with any of the usual delimiters and any headers.

A row's number is that of the spreadsheet: the header is row 1, a row with line breaks in a cell counts once, and empty
rows count too. What a table cannot say: which of two keywords a ";" belongs to (a heading, keyword or identifier with
a ";" in it comes back as two), the order of identifiers of different schemes, and a kind of document that no code
stands for.
"""

import codecs
import csv
import io
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft
from catalogue.formats.bare_quotes import with_marks_doubled
from catalogue.formats.base import Columns, Format, FormatError, Notes, ReadOptions, Row
from catalogue.formats.cells import COLUMNS, is_nothing, read_cells, restore, write_cells
from catalogue.formats.decoding import TextSource, decode_sample
from catalogue.formats.delimiters import CELL_LIMIT, check_delimiter, first_rows, guess_delimiter, named_delimiter
from catalogue.formats.headers import choose_mapping, guess_mapping, unmapped

MOST_COLUMNS = 1_000
# So many rows may stand above the names of the columns.
MOST_ABOVE = 10
ROW_LIMIT = 8_000_000

csv.field_size_limit(CELL_LIMIT)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as it stands in the file: its number as people see it, its cells, and what was noticed."""

    number: int
    cells: list[str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """The rows of a table, header first, and how they were told apart."""

    lines: Iterator[Line]
    encoding: str = ""
    delimiter: str = ""


class Table:
    """A table that is being read: what is known of its columns, and then its rows."""

    def __init__(self, grid: Grid, mapping: Mapping[str, str]) -> None:
        self._grid = grid
        first, self._lines = _header(grid.lines)
        headers = _names(first)
        if len(headers) > MOST_COLUMNS:
            message = _("The first row has %(count)d columns; a table of records has at most %(most)d.")
            raise FormatError(message % {"count": len(headers), "most": MOST_COLUMNS})
        if not any(headers):
            raise FormatError(_("The file is empty: its first row must hold the names of the columns."))
        self._headers = tuple(" ".join(header.split()) for header in headers)
        self._mapping = choose_mapping(self._headers, mapping)
        self._nothing: set[str] = set()

    def columns(self) -> Columns:
        """Return how the table was understood."""
        left = unmapped(self._headers, self._mapping)
        return Columns(self._grid.encoding, self._grid.delimiter, self._headers, self._mapping, left)

    def rows(self, options: ReadOptions) -> Iterator[Row]:
        """Yield the records."""
        if "title" not in self._mapping:
            message = _(
                "No column seems to hold the titles. Say which one does, like title=%(first)s. There are: %(all)s."
            )
            first = next(filter(None, self._headers))
            raise FormatError(message % {"first": first, "all": ", ".join(filter(None, self._headers[:50]))})
        places = {name: self._headers.index(header) for name, header in self._mapping.items()}
        for line in self._lines:
            if any(map(str.strip, line.cells)) or line.warnings:
                yield self._row(line, places, options)

    def _row(self, line: Line, places: Mapping[str, int], options: ReadOptions) -> Row:
        notes = Notes()
        number, cells, width = line.number, line.cells, len(self._headers)
        if len(cells) > width and any(map(str.strip, cells[width:])):
            reason = _("This row has %(count)d cells, the header has %(headers)d. Is a quotation mark missing?")
            notes.problem("", cells[0], reason % {"count": len(cells), "headers": width})
            return notes.row(number, None, cells)
        if "\x00" in "".join(cells):
            notes.problem("", cells[0], _("This row holds a zero byte: the file is damaged here."))
            return notes.row(number, None, [cell.replace("\x00", "") for cell in cells])
        notes.warnings.extend(line.warnings)
        cells = cells + [""] * (width - len(cells))
        values = {name: self._value(name, cells[place], notes) for name, place in places.items()}
        draft = read_cells(values, options, notes)
        return notes.row(number, draft, [restore(cell) if cell.startswith("'") else cell for cell in cells])

    def _value(self, name: str, cell: str, notes: Notes) -> str:
        """Return what a cell says. That it stands for nothing is told of once a table."""
        if not is_nothing(name, cell):
            return restore(cell) if cell.startswith("'") else cell
        if cell.strip() and cell not in self._nothing:
            self._nothing.add(cell)
            message = _("“%(value)s” stands for nothing in this table; such cells were taken as empty.")
            notes.warn(message % {"value": cell.strip()})
        return ""


def _header(lines: Iterator[Line]) -> tuple[Line, Iterator[Line]]:
    """Return the row with the names of the columns, and the rows after it.

    It is the first, unless that is the caption of a sheet: one cell, which names no column that is known, above a row
    of several that names the titles.
    """
    first = next((line for line in lines if any(map(str.strip, line.cells))), Line(1, []))
    if _filled(first) != 1 or "title" in guess_mapping(_names(first)):
        return first, lines
    ahead = list(islice(lines, MOST_ABOVE))
    below = next((place for place, line in enumerate(ahead) if _filled(line) > 1), None)
    if below is not None and "title" in guess_mapping(_names(ahead[below])):
        return ahead[below], chain(ahead[below + 1 :], lines)
    return first, chain(ahead, lines)


def _filled(line: Line) -> int:
    return sum(1 for cell in line.cells if cell.strip())


def _names(line: Line) -> list[str]:
    return [restore(cell).replace("\x00", "").strip() for cell in line.cells]


class Tabular(Format):
    """What CSV and spreadsheets have in common: rows of cells under a header."""

    @abstractmethod
    def grid(self, file: BinaryIO, options: ReadOptions) -> Grid:
        """Return the rows of the table, header first. Raises FormatError, then or as they are taken."""

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every row below the header that is not empty."""
        yield from Table(self.grid(file, options), options.mapping).rows(options)

    def columns(self, file: BinaryIO, options: ReadOptions) -> Columns | None:
        """Return how a table would be read, for a person to look at first. Raises FormatError as reading would.

        Only the beginning is read, and the file stays where it stands; of one that cannot be rewound nothing is.
        """
        if not file.seekable():
            return None
        start = file.tell()
        try:
            return Table(self.grid(file, options), options.mapping).columns()
        finally:
            file.seek(start)


class _Lines:
    """The lines under the csv reader: they notice an end inside a row, and a row without end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.ended = False
        self.row = 1
        self.length = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.length += len(line)
            if self.length > ROW_LIMIT:
                message = _("Row %(row)d is longer than %(limit)d characters. Is a quotation mark left open there?")
                raise FormatError(message % {"row": self.row, "limit": ROW_LIMIT})
            yield line
        self.ended = True


def _numbered(text_lines: Iterator[str], delimiter: str, skip_first: bool) -> Iterator[Line]:
    """Yield the rows with their numbers; the "sep=;" line that spreadsheets write is a row to them, but not to us."""
    lines = _Lines(text_lines)
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in rows:
            if lines.ended:
                message = _(
                    "In row %(row)d a quotation mark is opened and never closed: the rest of the file is in it."
                )
                raise FormatError(message % {"row": lines.row})
            if lines.row > 1 or not skip_first:
                yield Line(lines.row, cells)
            lines.row += 1
            lines.length = 0
    except csv.Error as error:
        message = _("Row %(row)d has a cell of more than %(limit)d characters. Is a quotation mark left open there?")
        raise FormatError(message % {"row": lines.row, "limit": CELL_LIMIT}) from error


class Csv(Tabular):
    """Reads a table with any delimiter; writes commas."""

    name = "csv"
    label = gettext_lazy("table with commas or semicolons")
    extensions: ClassVar[tuple[str, ...]] = ("csv",)
    media_type = "text/csv"
    delimiter = ","
    detected = ",;|"

    def detects(self, sample: bytes) -> bool:
        """Tell by a header that names the title, or else by columns as regular as only a table has them."""
        text = decode_sample(sample)
        if not text.strip() or text.lstrip().startswith(("<", "{", "[", "%", "@")):
            return False
        delimiter = guess_delimiter(text)
        if delimiter not in self.detected:
            return False
        rows = first_rows(text, delimiter)
        if rows and "title" in guess_mapping(rows[0]):
            return True
        return len(rows) > 2 and len(rows[0]) > 2 and len({len(row) for row in rows}) == 1

    def grid(self, file: BinaryIO, options: ReadOptions) -> Grid:
        """Return the rows of a table in the encoding and with the delimiter that were named, or else are guessed."""
        source = TextSource(file, options.encoding)
        text = source.sample_text()
        delimiter = check_delimiter(options.delimiter) or guess_delimiter(text)
        text_lines = source.lines()
        if delimiter == "\t":
            text_lines = with_marks_doubled(text_lines, len(next(iter(first_rows(text, delimiter)), [])))
        lines = _numbered(text_lines, delimiter, named_delimiter(text) != "")
        return Grid(lines, source.encoding, delimiter)

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield UTF-8 with a byte order mark, without which Excel takes it for Windows-1252."""
        row = io.StringIO(newline="")
        writer = csv.writer(row, delimiter=self.delimiter)
        yield codecs.BOM_UTF8
        for cells in chain([COLUMNS], map(write_cells, drafts)):
            writer.writerow(cells)
            yield row.getvalue().encode("utf-8", "replace")
            row.seek(0)
            row.truncate()


class Tsv(Csv):
    """Reads a table with any delimiter; writes tabs."""

    name = "tsv"
    label = gettext_lazy("table with tabs")
    extensions = ("tsv", "tab")
    media_type = "text/tab-separated-values"
    delimiter = "\t"
    detected = "\t"
