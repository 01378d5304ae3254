"""What changed in the database since an index last looked, told exactly, whatever order transactions commit in.

Triggers note every change in `Touch` with the number of its transaction. A transaction with a low number can commit
after one with a high number, so "all above the highest seen" would lose notes. PostgreSQL says below which number every
transaction is finished (`pg_snapshot_xmin`): all notes below it have been seen, those above are remembered one by one.
"""

import contextlib
import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction

from catalogue.models import Record, RecordAuthor, RecordKeyword, Touch
from search.generations import State

# Notes are kept so long, for indexes on machines that were away; an index that has missed some is rebuilt.
KEPT_DAYS = 30


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """Read the database as it is at one moment, however long the reading takes."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def database_identity() -> str:
    """Return what tells this database from every other, and from itself restored elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (pg_control_system()).system_identifier, oid FROM pg_database WHERE datname = current_database()"
        )
        return "{}/{}".format(*cursor.fetchone())


@dataclass(frozen=True)
class Standing:
    """How an index stands to the database now: `foreign`, it is of another one; `behind`, there are unread notes."""

    foreign: bool
    behind: bool


def standing(state: State) -> Standing:
    """Compare the note of an index with the database, in one query."""
    number, mark = state.anchor or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM catalogue_touch WHERE transaction >= %(horizon)s AND id <> ALL(%(seen)s)),
                   %(number)s::bigint IS NULL
                   OR EXISTS (SELECT FROM catalogue_touch WHERE id = %(number)s AND mark = %(mark)s::uuid),
                   EXISTS (SELECT FROM catalogue_touch
                           WHERE id > coalesce(%(number)s::bigint, 0) AND transaction < %(horizon)s)
            """,
            {"horizon": state.horizon, "seen": list(state.seen), "number": number, "mark": mark},
        )
        behind, known, restored = cursor.fetchone()
    # Below the horizon everything was finished and seen: a note there with a higher number came from a backup.
    return Standing(foreign=restored or not known, behind=behind)


def start(format: int, generation: str) -> State:
    """Return the note of an index that is about to read everything in the snapshot that is open now."""
    horizon = _horizon()
    seen = Touch.objects.filter(transaction__gte=horizon).values_list("id", flat=True)
    return State(format, generation, database_identity(), horizon, tuple(seen), _anchor())


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _anchor() -> tuple[int, str] | None:
    last: tuple[int, uuid.UUID] | None = Touch.objects.order_by("-id").values_list("id", "mark").first()
    return (last[0], str(last[1])) if last else None


@dataclass(frozen=True)
class Unread:
    """Some of the unread notes: the records to read again, and the state once they are indexed.

    `complete` is False when there are more; `everything` is True when the whole index must be made anew.
    """

    records: tuple[int, ...]
    state: State
    complete: bool
    everything: bool = False


def unread(state: State, most: int) -> Unread:
    """Return the unread notes of the snapshot that is open now, about `most` records of them, the smallest first.

    The smallest first, so that the edit that somebody has just made does not wait behind a large import.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, cardinality(numbers) FROM catalogue_touch
            WHERE transaction >= %s AND id <> ALL(%s) ORDER BY cardinality(numbers), id LIMIT 1000
            """,
            [state.horizon, list(state.seen)],
        )
        notes = cursor.fetchall()
        # After an import there are millions of numbers in the notes: only those that are wanted now are fetched.
        sizes = itertools.accumulate((size for _number, size in notes), initial=0)
        wanted = [number for (number, _size), before in zip(notes, sizes, strict=False) if before < most]
        cursor.execute(
            "SELECT id, what, numbers FROM catalogue_touch WHERE id = ANY(%s) ORDER BY cardinality(numbers), id",
            [wanted],
        )
        found = cursor.fetchall()
    records: set[int] = set()
    read: list[int] = []
    # A merge notes the kept heading several times: its ten thousand records are read once.
    known: set[tuple[str, tuple[int, ...]]] = set()
    for number, what, numbers in found:
        if what == Touch.What.EVERYTHING:
            return Unread((), state, complete=False, everything=True)
        note = (what, tuple(numbers))
        if note not in known:
            if len(records) >= most:
                continue
            known.add(note)
            records |= _records(what, numbers)
        read.append(number)
    complete = len(read) == len(notes) < 1000
    return Unread(tuple(sorted(records)), _advance(state, read, complete), complete)


def _records(what: str, numbers: Sequence[int]) -> set[int]:
    if what == Touch.What.RECORD:
        return set(numbers)
    found: dict[str, Iterable[int]] = {
        Touch.What.AUTHOR: RecordAuthor.objects.filter(author__in=numbers).values_list("record_id", flat=True),
        Touch.What.KEYWORD: RecordKeyword.objects.filter(keyword__in=numbers).values_list("record_id", flat=True),
        Touch.What.COUNTRY: Record.objects.filter(country__in=numbers).values_list("id", flat=True),
    }
    return set(found[Touch.What(what)])


def _advance(state: State, read: list[int], complete: bool) -> State:
    """Return the state after these notes: with all read, the horizon moves up and what lies below it is forgotten."""
    if not complete:
        return replace(state, seen=(*state.seen, *read))
    horizon = _horizon()
    above = Touch.objects.filter(transaction__gte=horizon, id__in=[*state.seen, *read]).values_list("id", flat=True)
    return replace(state, horizon=horizon, seen=tuple(above), anchor=_anchor())


def prune() -> None:
    """Delete notes that every index has long read. The last one stays: indexes are anchored to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM catalogue_touch WHERE made < now() - make_interval(days => %s)
            AND id < (SELECT max(id) FROM catalogue_touch)
            """,
            [KEPT_DAYS],
        )
