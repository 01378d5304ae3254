"""Quotation marks in tables with tabs, which databases write as they are and spreadsheets write around a cell.

Read as a spreadsheet's, a title that begins with a quotation mark swallows all rows down to the next such title. The
reader of tables (`tabular`) lets the lines pass here, where such a mark is written as a spreadsheet would.
"""

import re
from collections.abc import Iterator

_WHOLE = re.compile(r'"(?:[^"]|"")*"\s*')


def with_marks_doubled(lines: Iterator[str], width: int) -> Iterator[str]:
    """Yield the lines of a table with tabs and `width` columns, in which no quotation mark opens a cell by mistake."""
    is_inside = False
    for line, following in _with_the_next(lines):
        if is_inside:
            is_inside = line.count('"') % 2 == 0
            yield line
        elif '"' not in line or _is_plain(cells := line.rstrip("\r\n").split("\t")):
            yield line
        elif _goes_on(cells, following, width):
            is_inside = line.count('"') % 2 == 1
            yield line
        else:
            end = line[len(line.rstrip("\r\n")) :]
            yield "\t".join(map(_doubled, cells)) + end


def _with_the_next(lines: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    previous: str | None = None
    for line in lines:
        if previous is not None:
            yield previous, line
        previous = line
    if previous is not None:
        yield previous, None


def _is_bare(cell: str) -> bool:
    return cell.startswith('"') and not _WHOLE.fullmatch(cell)


def _is_plain(cells: list[str]) -> bool:
    return not any(map(_is_bare, cells))


def _goes_on(cells: list[str], following: str | None, width: int) -> bool:
    """Tell whether a mark opens a cell with a tab or a line break in it; then the cells or the next line do not fit."""
    if len(cells) > width:
        return True
    if following is None:
        return False
    is_row = following.count("\t") + 1 == width
    if len(cells) < width:
        return '"' in following or not is_row
    return not is_row and _is_bare(cells[-1]) and _is_plain(cells[:-1])


def _doubled(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _is_bare(cell) else cell
