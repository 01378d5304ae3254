"""A table while it is read: which of its rows names the columns, and each row after it as a record.

The formats of `tabular`, `xlsx` and `ods` call it; it knows rows of cells, not files.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice

from django.utils.translation import gettext as _

from catalogue.formats.base import Columns, FormatError, Notes, ReadOptions, Row
from catalogue.formats.cells import BESIDE, LONGEST_NOTHING, is_nothing, read_cells, restore
from catalogue.formats.headers import (
    PAIRED,
    SEVERAL,
    choose_mapping,
    fold_header,
    guess_mapping,
    is_like_authors,
    unmapped,
)
from catalogue.formats.references import sentences

MOST_COLUMNS = 1_000
# So many rows may stand above the names of the columns.
MOST_ABOVE = 10
# The rows that are looked at before a table is read, and a cell of several short values with commas between them.
MOST_LOOKED_AT = 50
_COMMAS = re.compile(r"[^,]{1,50}(?:,[^,]{1,50})+")
# The column that shows a table of EPrints, and how many rows can belong to one record there.
_GOES_ON = "eprintid"
MOST_GATHERED = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as it stands in the file: its number as people see it, its cells, what was noticed, and the
    cells of the rows below that belong to it."""

    number: int
    cells: list[str]
    warnings: tuple[str, ...] = ()
    below: tuple[list[str], ...] = ()


@dataclass(frozen=True)
class Grid:
    """The rows of a table, header first, and how they were told apart."""

    lines: Iterator[Line]
    encoding: str = ""
    delimiter: str = ""


class Table:
    """A table that is being read: what is known of its columns, and then its rows."""

    def __init__(self, grid: Grid, mapping: Mapping[str, str | Sequence[str]]) -> None:
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
        places = {name: self._places(name, given) for name, given in self._mapping.items()}
        self._single = {name: found[0] for name, found in places.items() if len(found) == 1}
        self._several = {name: found for name, found in places.items() if len(found) > 1}
        self._title = places.get("title", ())
        self._growing = {name: found for name, found in places.items() if name in SEVERAL}
        self._nothing: set[str] = set()
        # A publisher is no author where there is a column of authors, though nobody reads it.
        self._unread = {} if not any(map(is_like_authors, self._headers)) else {"authors": ""}
        self._goes_on = next((at for at, one in enumerate(self._headers) if fold_header(one) == _GOES_ON), None)
        self._read_once = {place: name for name, found in places.items() if name not in SEVERAL for place in found}
        self._read_once.pop(-1 if self._goes_on is None else self._goes_on, None)

    def columns(self, options: ReadOptions) -> Columns:
        """Return how the table was understood. Its first rows are taken for that."""
        left, notes = unmapped(self._headers, self._mapping), tuple(self._doubts(options))
        return Columns(self._grid.encoding, self._grid.delimiter, self._headers, self._mapping, left, notes)

    def _doubts(self, options: ReadOptions) -> Iterator[str]:
        """Yield what may be meant otherwise: a comma stands between keywords, and within one ("Leeds, England")."""
        separator, lines = options.between("keywords"), list[Line]()
        with suppress(FormatError):  # which reading will meet, and say in its place
            lines.extend(islice(self._lines, MOST_LOOKED_AT))
        for header in self._mapping.get("keywords", ()):
            place = self._headers.index(header)
            cells = [line.cells[place] for line in lines if len(line.cells) > place and line.cells[place].strip()]
            parted = [cell for cell in cells if _COMMAS.fullmatch(cell)]
            whole = not any(mark in cell for cell in cells for mark in (separator, "|", "\n") if mark)
            if whole and separator != "," and len(parted) > 1 and 2 * len(parted) >= len(cells):
                message = _(
                    "Cells of “%(header)s” have commas: each is one keyword, unless you say that a comma parts them."
                )
                yield message % {"header": header}

    def rows(self, options: ReadOptions) -> Iterator[Row]:
        """Yield the records."""
        if "title" not in self._mapping:
            message = _(
                "No column seems to hold the titles. Say which one does, like title=%(first)s. There are: %(all)s."
            )
            first = next(filter(None, self._headers))
            raise FormatError(message % {"first": first, "all": ", ".join(filter(None, self._headers[:50]))})
        for line in self._lines if self._goes_on is None else self._gathered(self._lines, self._goes_on):
            if any(map(str.strip, line.cells)) or line.warnings:
                yield self._row(line, options)

    def _places(self, name: str, headers: tuple[str, ...]) -> tuple[int, ...]:
        """Return where the columns of a field stand; where it takes several, repeated ones too."""
        if name in SEVERAL:
            return tuple(place for place, header in enumerate(self._headers) if header in headers)
        return tuple(self._headers.index(header) for header in headers)

    def _gathered(self, lines: Iterator[Line], number: int) -> Iterator[Line]:
        """Yield the rows of EPrints, which writes what a record has several of into further rows below the first: these
        have the same number, or none, and no title."""
        held: list[Line] = []
        for line in lines:
            if self._is_too_wide(line.cells):
                if held:
                    yield self._whole(held)
                yield line
                held = []
                continue
            own = "".join(line.cells[number : number + 1]).strip()
            begins = own not in ("", "".join(held[0].cells[number : number + 1]).strip()) if held else False
            title = any(line.cells[place].strip() for place in self._title if place < len(line.cells))
            if held and (begins or title or len(held) == MOST_GATHERED):
                yield self._whole(held)
                held = []
            held.append(line)
        if held:
            yield self._whole(held)

    def _whole(self, lines: list[Line]) -> Line:
        """Return the first of these rows with the others below it."""
        first, *others = lines
        warnings = tuple(warning for line in lines for warning in line.warnings)
        return replace(first, warnings=warnings, below=tuple(self._padded(line.cells) for line in others))

    def _padded(self, cells: list[str]) -> list[str]:
        return cells + [""] * (len(self._headers) - len(cells))

    def _is_too_wide(self, cells: list[str]) -> bool:
        width = len(self._headers)
        return len(cells) > width and any(map(str.strip, cells[width:]))

    def _row(self, line: Line, options: ReadOptions) -> Row:
        notes = Notes()
        number, cells, width = line.number, line.cells, len(self._headers)
        if self._is_too_wide(cells):
            reason = _("This row has %(count)d cells, the header has %(headers)d. Is a quotation mark missing?")
            notes.problem("", cells[0], reason % {"count": len(cells), "headers": width})
            return notes.row(number, None, cells)
        if "\x00" in "".join(chain(cells, *line.below)):
            notes.problem("", cells[0], _("This row holds a zero byte: the file is damaged here."))
            return notes.row(number, None, [cell.replace("\x00", "") for cell in cells])
        notes.warnings.extend(line.warnings)
        cells = self._padded(cells)
        values = self._unread | {name: self._said(name, cells[place], notes) for name, place in self._single.items()}
        for name, found in self._several.items():
            values[name] = self._joined(name, [cells[place] for place in found], notes)
        if line.below:
            values |= self._with_below(cells, line.below, notes)
            for place in chain.from_iterable(self._growing.values()):
                cells[place] = "\n".join([cells[place], *(row[place] for row in line.below)]).rstrip("\n")
        draft = read_cells(values, options, notes)
        return notes.row(number, draft, [restore(cell) if cell.startswith("'") else cell for cell in cells])

    def _with_below(self, cells: list[str], below: Sequence[list[str]], notes: Notes) -> dict[str, str]:
        """Return what a row and those below it say of the fields that take several values; warn of other values."""
        left = [
            self._headers[place]
            for place, name in self._read_once.items()
            if any(
                row[place].strip() not in ("", cells[place].strip()) and not is_nothing(name, row[place])
                for row in below
            )
        ]
        if left:
            message = _(
                "Only the first row of this record is read for %(names)s; what the rows below it say is left out."
            )
            notes.warn(message % {"names": ", ".join(left)})
        return {
            name: self._joined(name, [row[place] for row in (cells, *below) for place in found], notes)
            for name, found in self._growing.items()
        }

    def _joined(self, name: str, cells: list[str], notes: Notes) -> str:
        """Return what several cells say: each a line, or a sentence of the details; of most fields only the first."""
        said = [self._said(name, cell, notes) for cell in cells]
        if name in PAIRED:
            return BESIDE.join(said)
        filled = [text for text in said if text.strip()]
        if name == "details":
            return sentences(filled)
        return "\n".join(filled if name in SEVERAL else filled[:1])

    def _said(self, name: str, cell: str, notes: Notes) -> str:
        """Return what a cell says. That it stands for nothing is told of once a table."""
        if not cell or len(cell) > LONGEST_NOTHING or not is_nothing(name, cell):
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
