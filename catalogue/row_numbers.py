"""Numbers of rows (records, headings, changes) as an address or a form names them, whatever somebody may have sent."""

from collections.abc import Iterable

# Every number of so many digits is one that the database takes.
MOST_DIGITS = 18


def row_number(text: str) -> int:
    """Return the number of a row, or 0, which no row has, where the text is none."""
    return int(text) if len(text) <= MOST_DIGITS and text.isascii() and text.isdigit() else 0


def row_numbers(texts: Iterable[str], most: int) -> list[int]:
    """Return the first `most` numbers of rows among some texts, each once, in their order."""
    found = dict.fromkeys(number for number in map(row_number, texts) if number)
    return list(found)[:most]
