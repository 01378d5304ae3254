"""Arrays as the text that PostgreSQL reads, for queries that ask for thousands of things at once.

psycopg writes a list value by value, which takes longer than PostgreSQL needs for the answer.
"""

from collections.abc import Iterable


def numbers(values: Iterable[int | None]) -> str:
    """Return what a query casts to bigint[]."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def texts(values: Iterable[str]) -> str:
    """Return what a query casts to text[]."""
    return "{" + ",".join([_quoted(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
