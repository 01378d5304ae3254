"""Foreign keys of many new rows, checked once for each row that they lead to instead of once for each that leads there.

`records` and `changes` call it. PostgreSQL checks them one by one, which takes longer than to write the rows.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.db import connection

from catalogue.database import arrays

# For no more rows than this it is not worth its while.
FEW = 100

_ALLOWED = "SELECT has_parameter_privilege('session_replication_role', 'SET')"
_ROLE = "SELECT set_config('session_replication_role', %s, true)"


@contextmanager
def checked(rows: int, tables: Mapping[str, Iterable[int]]) -> Iterator[None]:
    """Let as many rows be written meanwhile that lead to these numbers of these tables and to no others.

    Like the checks of PostgreSQL, it holds what they lead to until the transaction ends. Where something is missing, or
    the account may not, the checks are left to PostgreSQL. Triggers that are always to fire do so (0009_bulk_links).
    """
    if rows <= FEW or not _may() or not all(_held(table, set(numbers)) for table, numbers in tables.items()):
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_ROLE, ["replica"])
        yield
        cursor.execute(_ROLE, ["origin"])


def _may() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ALLOWED)
        return bool(cursor.fetchone()[0])


def _held(table: str, numbers: set[int]) -> bool:
    """Keep rows from being deleted until the transaction ends; return False where one is not there."""
    held = (
        f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE id = ANY(%s::bigint[]) ORDER BY id FOR KEY SHARE) AS held"  # noqa: S608
    )
    if not numbers:
        return True
    with connection.cursor() as cursor:
        cursor.execute(held, [arrays.numbers(numbers)])
        return bool(cursor.fetchone()[0] == len(numbers))
