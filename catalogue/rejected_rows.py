"""The file of the rows that an import did not take: as they were read, with what is wrong with each. `importing` writes
it as it goes, so that it is complete however many there are.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

from catalogue.draft import Draft, Problem
from catalogue.formats.base import Row
from catalogue.formats.cells import COLUMNS, defuse, write_cells
from catalogue.formats.jsonlines import NUMBER

ERROR = "error"


def explained(problems: Sequence[Problem]) -> str:
    """Return in one line what is wrong with a row."""
    parts = []
    for problem in problems:
        value = f"“{problem.value}”" if problem.value else ""
        where = " ".join(filter(None, (problem.field, value)))
        parts.append(f"{where}: {problem.reason}" if where else problem.reason)
    return " ".join(parts)


class RejectedRows:
    """A table with the input's own columns and one for the error, or JSON lines; which, the name of the file says.

    The file is made with the first row that is rejected. Corrected, it can be imported as it is.
    """

    def __init__(self, path: Path | None, headers: Sequence[str] = ()) -> None:
        self._path = path
        self._headers = tuple(headers)
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path:
            self._path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._file:
            self._file.close()

    def add(self, row: Row, problems: Sequence[Problem]) -> None:
        """Write a row. Raises OSError."""
        if self._path is None:
            return
        table = self._path.suffix.lower() in (".csv", ".tsv")
        if self._file is None:
            self._file = self._path.open("w", encoding="utf-8-sig" if table else "utf-8", errors="replace", newline="")
            if table:
                # First, for a row with too many cells would push a last column out of its place.
                self._write_cells([ERROR, *(self._headers or COLUMNS)])
        if table:
            self._write_cells([explained(problems), *self._cells(row)])
        else:
            self._file.write(json.dumps(_values(row, problems), ensure_ascii=False) + "\n")

    def _write_cells(self, cells: Sequence[str]) -> None:
        delimiter = "\t" if self._path and self._path.suffix.lower() == ".tsv" else ","
        csv.writer(self._file, delimiter=delimiter).writerow(map(defuse, cells))  # type: ignore[arg-type]

    def _cells(self, row: Row) -> Sequence[str]:
        if row.cells and self._headers:
            return row.cells
        written = dict(zip(COLUMNS, write_cells(row.draft or Draft()), strict=True))
        return [written.get(header, "") for header in self._headers or COLUMNS]


def _values(row: Row, problems: Sequence[Problem]) -> dict[str, object]:
    values: dict[str, object] = {"row": row.number, ERROR: explained(problems)}
    if row.record is not None:
        values[NUMBER] = row.record
    if row.draft:
        return {**values, **row.draft.to_dict()}
    return {**values, "cells": list(row.cells)} if row.cells else values
