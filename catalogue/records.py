"""Records to Drafts and back. Every record is read and written here, many at a time, by forms, imports and undo."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import Q

from catalogue import likeness
from catalogue.database import arrays, references
from catalogue.draft import Draft, Identifier, Name
from catalogue.folding import fold_heading
from catalogue.headings import Authorities, Resolved
from catalogue.models import Record

# Those fields of a Draft that are columns of a record under the same name.
COLUMNS = (
    "title",
    "summary",
    "details",
    "source",
    "year",
    "url",
    "shelf_number",
    "language",
    "kind",
    "rights",
    "status",
    "withdrawn_reason",
)
_columns = attrgetter(*COLUMNS)
_STORED = (*COLUMNS, "country_id", "replaced_by_id", "near_start", "near_end")
_TYPES = {"year": "smallint", **dict.fromkeys(_STORED[-4:], "bigint")}
# From which fields of a Draft each column is made.
_SOURCES: dict[str, tuple[str, ...]] = {
    **{column: (column,) for column in COLUMNS},
    "country_id": ("country",),
    "replaced_by_id": ("replaced_by",),
    "near_start": ("title", "year"),
    "near_end": ("title", "year"),
}

# The first number of records that are made only to be taken back: no other record is ever given one so high.
FIRST_OF_TRIAL = 2**62
_NUMBERS = """
SELECT nextval(coalesce(to_regclass('pg_temp.trial_numbers')::text,
    pg_get_serial_sequence('catalogue_record', 'id'))::regclass)
FROM generate_series(1, %s)
"""
_NUMBER_ON = """
SELECT setval(pg_get_serial_sequence('catalogue_record', 'id'), max(id)) FROM catalogue_record
WHERE to_regclass('pg_temp.trial_numbers') IS NULL HAVING max(id) IS NOT NULL
"""
_READ = f"""
SELECT r.id, {", ".join(f"r.{column}" for column in COLUMNS)}, coalesce(c.heading, ''), r.replaced_by_id
FROM catalogue_record r LEFT JOIN catalogue_country c ON c.id = r.country_id
WHERE r.id = ANY(%s::bigint[]) ORDER BY r.id
"""  # noqa: S608 - the names of our own columns
_READ_AUTHORS = """
SELECT l.record_id, a.heading, a.kind, a.orcid
FROM catalogue_recordauthor l JOIN catalogue_author a ON a.id = l.author_id
WHERE l.record_id = ANY(%s::bigint[]) ORDER BY l.record_id, l.position, l.id
"""
_READ_KEYWORDS = """
SELECT l.record_id, k.heading FROM catalogue_recordkeyword l JOIN catalogue_keyword k ON k.id = l.keyword_id
WHERE l.record_id = ANY(%s::bigint[]) ORDER BY l.record_id, l.position, l.id
"""
_READ_IDENTIFIERS = """
SELECT record_id, scheme, value FROM catalogue_recordidentifier
WHERE record_id = ANY(%s::bigint[]) ORDER BY record_id, id
"""
_UPDATE = """
UPDATE catalogue_record r SET {put}modified = statement_timestamp()
FROM unnest(%s::bigint[]{arrays}) AS n(id{columns}) WHERE r.id = n.id
"""
# At the end, whatever places the others have.
_APPEND = """
INSERT INTO {table} (record_id, {name}_id, position)
SELECT n.record, n.heading, n.place + 1 + (SELECT coalesce(max(position), -1) FROM {table} WHERE record_id = n.record)
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(record, heading, place)
"""
_EXCHANGE = """
UPDATE {table} l SET {name}_id = n.new FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(record, new, old)
WHERE l.record_id = n.record AND l.{name}_id = n.old
"""


def read_drafts(numbers: Iterable[int]) -> dict[int, Draft]:
    """Return the Draft of each record that exists, by its number, in four queries."""
    wanted = list(numbers)
    if not wanted:
        return {}
    names: dict[int, list[Name]] = defaultdict(list)
    keywords: dict[int, list[str]] = defaultdict(list)
    identifiers: dict[int, list[Identifier]] = defaultdict(list)
    for number, heading, kind, orcid in _rows(_READ_AUTHORS, wanted):
        names[number].append(Name(heading, kind, orcid))
    for number, heading in _rows(_READ_KEYWORDS, wanted):
        keywords[number].append(heading)
    for number, scheme, value in _rows(_READ_IDENTIFIERS, wanted):
        identifiers[number].append(Identifier(scheme, value))
    return {
        number: Draft(
            **dict(zip(COLUMNS, columns, strict=True)),
            country=country,
            replaced_by=replaced_by,
            authors=tuple(names.get(number, ())),
            keywords=tuple(keywords.get(number, ())),
            identifiers=tuple(identifiers.get(number, ())),
        )
        for number, *columns, country, replaced_by in _rows(_READ, wanted)
    }


def _rows(query: str, numbers: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [arrays.numbers(numbers)])
        return cursor.fetchall()


def resolve(drafts: Sequence[Draft]) -> list[Resolved]:
    """Lead the headings of cleaned Drafts to their authorities, making new ones, in a few queries for all."""
    authorities = Authorities()
    authorities.look_up(drafts)
    authorities.make(drafts)
    return [authorities.resolve(draft) for draft in drafts]


def number_apart() -> None:
    """Until the transaction is taken back, number new records apart: a trial uses no number up."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY SEQUENCE trial_numbers START {FIRST_OF_TRIAL}")


def is_apart(number: int | None) -> bool:
    """Tell whether a record was numbered apart: it is taken back, and nobody will find it by this number."""
    return number is not None and number >= FIRST_OF_TRIAL


def number_on() -> None:
    """Number new records after those that are there. A trial leaves the sequence, which goes back for nobody, alone."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER_ON)


def insert(resolved: Sequence[Resolved], given: Sequence[int] = ()) -> list[int]:
    """Make a record of each resolved Draft and return their numbers in order. Belongs inside a transaction.

    `given` are the numbers that they shall have; without them they get the next free ones.
    """
    if not resolved:
        return []
    numbers = list(given)
    if not numbers:
        with connection.cursor() as cursor:
            cursor.execute(_NUMBERS, [len(resolved)])
            numbers = [number for (number,) in cursor.fetchall()]
    with references.checked(len(resolved), _referred(resolved)):
        copy(
            "catalogue_record",
            ("id", *_STORED),
            ((number, *_stored(item)) for number, item in zip(numbers, resolved, strict=True)),
        )
        # The note that the records themselves are new is enough: their links need none of their own.
        with unnoted("links"):
            _link(dict(zip(numbers, resolved, strict=True)))
    return numbers


def _referred(resolved: Sequence[Resolved]) -> dict[str, set[int]]:
    """Return what records that are not written yet lead to: numbers by table."""
    return {
        "catalogue_author": {number for item in resolved for number in item.authors},
        "catalogue_keyword": {number for item in resolved for number in item.keywords},
        "catalogue_country": {item.country for item in resolved if item.country is not None},
        "catalogue_record": {item.draft.replaced_by for item in resolved if item.draft.replaced_by is not None},
    }


@contextmanager
def unnoted(what: str = "all") -> Iterator[None]:
    """Write no notes for search indexes meanwhile, where another note tells them of the same records."""
    query = "SELECT current_setting('catalogue.unnoted', true), set_config('catalogue.unnoted', %s, true)"
    with connection.cursor() as cursor:
        cursor.execute(query, [what])
        earlier = cursor.fetchone()[0] or "off"
        yield
        cursor.execute(query, [earlier])


def write(resolved: Mapping[int, Resolved], before: Mapping[int, Draft]) -> None:
    """Overwrite existing records, by number, with resolved Drafts. Belongs inside a transaction."""
    if not resolved:
        return
    _update(resolved, _changed_columns(resolved, before))
    # The note that the records themselves have changed is enough: their links need none of their own.
    with unnoted("links"):
        for name, table in _LINKS.items():
            changed = {
                number: item
                for number, item in resolved.items()
                if getattr(item.draft, name) != getattr(before[number], name)
            }
            done: set[int] = set()
            if name != "identifiers":
                done = {*_append(changed, before, name), *_exchange(changed, before, name)}
            others = {number: item for number, item in changed.items() if number not in done}
            if others:
                with connection.cursor() as cursor:
                    cursor.execute(f"DELETE FROM {table} WHERE record_id = ANY(%s)", [list(others)])  # noqa: S608
                _link(others, name)


def _changed_columns(resolved: Mapping[int, Resolved], before: Mapping[int, Draft]) -> list[str]:
    """Return the columns in which any of the records differs: to write a thousand summaries anew takes long."""
    pairs = [(before[number], item.draft) for number, item in resolved.items()]
    names = {name for sources in _SOURCES.values() for name in sources}
    changed = {name for name in names if any(getattr(a, name) != getattr(b, name) for a, b in pairs)}
    return [column for column in _STORED if not changed.isdisjoint(_SOURCES[column])]


def _update(resolved: Mapping[int, Resolved], columns: Sequence[str]) -> None:
    places = [_STORED.index(column) for column in columns]
    rows = [[row[place] for place in places] for row in map(_stored, resolved.values())]
    query = _UPDATE.format(
        put="".join(f"{column} = n.{column}, " for column in columns),
        arrays="".join(f", %s::{_TYPES.get(column, 'text')}[]" for column in columns),
        columns="".join(f", {column}" for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(resolved), *map(list, zip(*rows, strict=True))])


def _append(changed: Mapping[int, Resolved], before: Mapping[int, Draft], name: str) -> set[int]:
    """Add the headings that are new at the end of records; return the records of which that is all."""
    added = set()
    rows = []
    for number, item in changed.items():
        known = getattr(before[number], name)
        if getattr(item.draft, name)[: len(known)] == known:
            added.add(number)
            rows += [(number, heading, place) for place, heading in enumerate(getattr(item, name)[len(known) :])]
    _execute_rows(_APPEND, name, rows)
    return added


def _exchange(changed: Mapping[int, Resolved], before: Mapping[int, Draft], name: str) -> set[int]:
    """Put headings in the places of others; return the records of which that is all, none where it cannot be done so.

    Three rows deleted and three written for each record of a heading that is merged would take three times as long.
    """
    wanted: list[tuple[int, int, str]] = []
    for number, item in changed.items():
        old, new = (_texts(draft, name) for draft in (before[number], item.draft))
        places = [place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other]
        gone, come = {old[place] for place in places}, {new[place] for place in places}
        if len(old) == len(new) and places and gone.isdisjoint(new) and come.isdisjoint(old):
            wanted += [(number, getattr(item, name)[place], fold_heading(old[place])) for place in places]
    known = _numbers_of(name, {fold for _number, _new, fold in wanted})
    rows = [(number, new, known.get(fold, 0)) for number, new, fold in wanted]
    # Fewer are found where somebody has just renamed a heading: those records are linked anew.
    done = _execute_rows(_EXCHANGE, name, rows)
    return {number for number, _new, _old in rows} if done == len(rows) else set()


def _numbers_of(name: str, folds: Collection[str]) -> dict[str, int]:
    if not folds:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT fold, id FROM catalogue_{name[:-1]} WHERE fold = ANY(%s)", [list(folds)])  # noqa: S608
        return dict(cursor.fetchall())


def _texts(draft: Draft, name: str) -> list[str]:
    return [getattr(one, "heading", one) for one in getattr(draft, name)]


def _execute_rows(query: str, name: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Execute a query with the columns of the rows as arrays; return how many rows it wrote."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(query.format(table=_LINKS[name], name=name[:-1]), list(map(list, zip(*rows, strict=True))))
        return cursor.rowcount


def _stored(item: Resolved) -> tuple[Any, ...]:
    draft = item.draft
    start, end = likeness.near_keys(draft)
    return (*_columns(draft), item.country, draft.replaced_by, start, end)


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write many rows to a table at once."""
    with (
        connection.wrap_database_errors,  # Django does so for all of a cursor but this
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream,
    ):
        for row in rows:
            stream.write_row(row)


_LINKS = {
    "authors": "catalogue_recordauthor",
    "keywords": "catalogue_recordkeyword",
    "identifiers": "catalogue_recordidentifier",
}


def _link(resolved: Mapping[int, Resolved], only: str = "") -> None:
    for name, table in _LINKS.items():
        if only in ("", name):
            rows = list(_link_rows(resolved, name))
            if rows:
                columns = ("scheme", "value") if name == "identifiers" else (f"{name[:-1]}_id", "position")
                copy(table, ("record_id", *columns), rows)


def _link_rows(resolved: Mapping[int, Resolved], name: str) -> Iterator[tuple[Any, ...]]:
    for number, item in resolved.items():
        if name == "identifiers":
            for identifier in item.draft.identifiers:
                yield number, identifier.scheme, identifier.value
        else:
            for position, heading in enumerate(getattr(item, name)):
                yield number, heading, position


def lock(numbers: Iterable[int]) -> None:
    """Lock records until the transaction ends, in one order, so that two writers cannot deadlock."""
    wanted = Q(id__in=list(numbers))
    list(Record.objects.filter(wanted).order_by("id").select_for_update(of=("self",)).values_list("id", flat=True))
