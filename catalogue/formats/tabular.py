"""CSV and TSV: tables with one record a row, in any encoding, with any of the usual delimiters and any headers.

A row's number is that of the spreadsheet: the header is row 1, a row with line breaks in a cell counts once, and empty
rows count too. What a table cannot say: which of two keywords a ";" belongs to (a heading, keyword or identifier with
a ";" in it comes back as two), the order of identifiers of different schemes, and a kind of document that no code
stands for.
"""

import codecs
import csv
import io
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft
from catalogue.formats.bare_quotes import with_marks_doubled
from catalogue.formats.base import Columns, Format, FormatError, ReadOptions, Row
from catalogue.formats.cells import COLUMNS, write_cells
from catalogue.formats.decoding import TextSource, decode_sample
from catalogue.formats.delimiters import CELL_LIMIT, check_delimiter, first_rows, guess_delimiter, named_delimiter
from catalogue.formats.headers import guess_mapping
from catalogue.formats.tables import Grid, Line, Table

ROW_LIMIT = 8_000_000
# Cells as they should be, and then one in quotation marks with something between it and the next comma.
_CLOSED_EARLY = r'(?:(?:"(?:[^"]|"")*+" *+|[^,"][^,]*+|),)*+"(?:[^"]|"")*+" *+[^,\s]'
# The name of a column that nobody knows is no longer than this.
LONGEST_HEADER = 60

csv.field_size_limit(CELL_LIMIT)


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
            return Table(self.grid(file, options), options.mapping).columns(options)
        finally:
            file.seek(start)


class _Lines:
    """The lines under the csv reader: they notice an end inside a row, and a row without end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.ended = False
        self.row = 1
        self.length = 0
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.length += len(line)
            self.last = line
            if self.length > ROW_LIMIT:
                message = _("Row %(row)d is longer than %(limit)d characters. Is a quotation mark left open there?")
                raise FormatError(message % {"row": self.row, "limit": ROW_LIMIT})
            yield line
        self.ended = True


def _slip() -> str:
    return _(
        "A quotation mark is closed here before its cell ends: the columns of this row may be shifted. Within a cell, "
        "such a mark is written twice."
    )


def _numbered(text_lines: Iterator[str], delimiter: str, skip_first: bool) -> Iterator[Line]:
    """Yield the rows with their numbers; the "sep=;" line that spreadsheets write is a row to them, but not to us."""
    lines = _Lines(text_lines)
    rows = csv.reader(lines, delimiter=delimiter)
    closed_early = re.compile(_CLOSED_EARLY.replace(",", re.escape(delimiter))).match
    try:
        for cells in rows:
            if lines.ended:
                message = _(
                    "In row %(row)d a quotation mark is opened and never closed: the rest of the file is in it."
                )
                raise FormatError(message % {"row": lines.row})
            if lines.row > 1 or not skip_first:
                # Of a row on one line; one on several has its marks in order, or none of the rows after it has.
                is_odd = '"' in lines.last and lines.length == len(lines.last) and closed_early(lines.last)
                yield Line(lines.row, cells, (_slip(),) if is_odd else ())
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
        if not self.could_be(sample):
            return False
        text = decode_sample(sample)
        delimiter = guess_delimiter(text)
        rows = first_rows(text, delimiter)
        if rows and "title" in guess_mapping(rows[0]):
            return True
        regular = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
        if regular and len(rows) > 2 and len(rows[0]) > 2:
            return True
        # Commas stand in two lines of prose as well.
        is_prose = delimiter == "," and len(rows) < 3 and len(rows[0]) < 3
        return regular and len(rows) > 1 and not is_prose and all(0 < len(cell) < LONGEST_HEADER for cell in rows[0])

    def could_be(self, sample: bytes) -> bool:
        """Tell whether a file can be a table with one of these delimiters, if somebody says that it is one."""
        text = decode_sample(sample)
        marked = text.lstrip().startswith(("<", "{", "[", "%", "@"))
        return bool(text.strip()) and not marked and guess_delimiter(text) in self.detected

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
