"""What Excel and OpenDocument spreadsheets have in common: which sheet is read, and cells of all types as text.

Both are read row by row from the XML in them, so that memory does not grow with the sheet. The known libraries hold all
of a sheet in memory, and a file of 5 KB with one cell in the last row and column brings the quickest of them down.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError
from catalogue.formats.tables import MOST_COLUMNS

_NUMBER = re.compile(r"\d{1,4}")
_EPOCH = datetime(1899, 12, 30)
_YEARS_1904 = 1462
_LAST_DAY = 2_958_465


class Cells:
    """The cells of one row while they come in, and what was noticed about them."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._values: dict[int, str] = {}
        self.warnings: list[str] = []

    def put(self, column: int, value: str) -> None:
        """Put a value into a column, counted from 0."""
        if value:
            if column >= MOST_COLUMNS:
                message = _("Row %(row)d has a value in column %(column)d; a table of records has at most %(most)d.")
                raise FormatError(message % {"row": self._number, "column": column + 1, "most": MOST_COLUMNS})
            self._values[column] = value

    def warn_of_formula(self, column: int) -> None:
        message = _(
            "The formula in cell %(cell)s has no value, and was taken as empty. Open the file in a spreadsheet program "
            "and save it there; then it has."
        )
        self.warnings.append(message % {"cell": self._place(column)})

    def warn_of_error(self, column: int, value: str) -> None:
        message = _("Cell %(cell)s holds an error (%(value)s), and was taken as empty.")
        self.warnings.append(message % {"cell": self._place(column), "value": value[:20]})

    def as_list(self) -> list[str]:
        if not self._values:
            return []
        return [self._values.get(column, "") for column in range(max(self._values) + 1)]

    def _place(self, column: int) -> str:
        return f"{column_name(column)}{self._number}"


def column_name(column: int) -> str:
    """Return the letters of a column, counted from 0: A to Z, then AA."""
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters = chr(65 + letter) + letters
        column -= 1
    return letters


def column_number(letters: str) -> int:
    """Return the number of a column, counted from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def number_text(text: str) -> str:
    """Return a number as a person would type it: 2012.0 is 2012, and 0.30000000000000004 is 0.3."""
    try:
        number = float(text)
    except ValueError:
        return text
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}"


def date_text(days: str, from_1904: bool) -> str:
    """Return the date that a count of days stands for, with the time where it has one."""
    try:
        count = float(days) + (_YEARS_1904 if from_1904 else 0)
    except ValueError:
        return days
    if not 0 < count <= _LAST_DAY:
        return number_text(days)
    moment = _EPOCH + timedelta(days=count if count >= 60 else count + 1)  # 1900 had no 29 February, but it counts
    return iso_text((moment + timedelta(microseconds=500_000)).isoformat(timespec="seconds"))


def iso_text(text: str) -> str:
    """Return an ISO date, without a time that is midnight."""
    return text.removesuffix("T00:00:00")


def chosen(names: Sequence[str], wanted: str) -> int:
    """Return the place of the sheet that a person named, or numbered from 1. Raises FormatError with all names."""
    wanted = wanted.strip()
    folded = [name.strip().casefold() for name in names]
    if wanted.casefold() in folded:
        return folded.index(wanted.casefold())
    if _NUMBER.fullmatch(wanted) and 0 < int(wanted) <= len(names):
        return int(wanted) - 1
    raise no_sheet(names, wanted)


def no_sheet(names: Iterable[str], wanted: str) -> FormatError:
    """Return the error for a sheet that is not there."""
    known = ", ".join(f"“{name}”" for name in list(names)[:50])
    return FormatError(_("There is no sheet “%(name)s”. There are: %(known)s.") % {"name": wanted[:80], "known": known})
