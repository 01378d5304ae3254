"""Which character divides the cells of a table. The csv module's own Sniffer is not asked: it mistakes letters for
delimiters in short tables and takes minutes over long cells. The rows that each candidate gives are compared instead.
"""

import csv
import io
import re

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError
from catalogue.formats.headers import guess_mapping

CANDIDATES = (",", ";", "\t", "|")
CELL_LIMIT = 1_000_000
ROWS_COMPARED = 20

_NAMED = re.compile(r"sep=([,;\t|])\r?\n")
_WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def check_delimiter(text: str) -> str:
    """Return the delimiter that a person named: one character, or a word such as "tab"; empty when none was named."""
    delimiter = _WORDS.get(text.strip().lower(), text)
    if delimiter and (len(delimiter) > 1 or delimiter in '\r\n"\x00 '):
        message = _("“%(value)s” cannot divide cells. Choose a comma, a semicolon, “tab” or another single character.")
        raise FormatError(message % {"value": text})
    return delimiter


def named_delimiter(text: str) -> str:
    """Return the delimiter of a "sep=;" line, which some spreadsheets write first; empty when there is none."""
    match = _NAMED.match(text)
    return match.group(1) if match else ""


def guess_delimiter(text: str) -> str:
    """Return the candidate that gives the most known headers, then the most regular rows, then the most columns."""
    return named_delimiter(text) or max(CANDIDATES, key=lambda delimiter: _score(first_rows(text, delimiter)))


def _score(rows: list[list[str]]) -> tuple[int, float, int]:
    if not rows or len(rows[0]) < 2:
        return (0, 0.0, 0)
    regular = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    return (len(guess_mapping(rows[0])), regular, len(rows[0]))


def first_rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of a table, as far as they can be read, without empty ones."""
    if named_delimiter(text):
        text = text.partition("\n")[2]
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(row):
                rows.append(row)
            if len(rows) == ROWS_COMPARED:
                break
    except csv.Error:
        pass
    return rows
