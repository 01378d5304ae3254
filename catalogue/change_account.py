"""The account of all changes: the change sets that somebody asks for, what each did in numbers, and all of it as rows.

The desk shows it (admin/account.py) and gives it away (admin/account_export.py). Every query is bounded, and follows an
index, however many changes there are; what a change set did in numbers is kept by triggers (changed_fields.py).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalogue.authorities.models import HeadingChange
from catalogue.changed_fields import ChangedField
from catalogue.document_changes import DocumentChange
from catalogue.models import Change, ChangeSet

MOST_WORDS = 10
MOST_PEOPLE = 500
# Words are rare in the reasons of so many change sets or fewer.
FEW = 2_000
# Of each change set so many records, headings and documents are named.
NAMED = 3
AT_ONCE = 500

_PEOPLE = """
WITH RECURSIVE people(name) AS (
    (SELECT user_name FROM catalogue_changeset ORDER BY user_name LIMIT 1)
    UNION ALL
    SELECT (SELECT user_name FROM catalogue_changeset WHERE user_name > name ORDER BY user_name LIMIT 1)
    FROM people WHERE name IS NOT NULL
)
SELECT name FROM people WHERE name IS NOT NULL LIMIT %s
"""
_NAMED = """
SELECT wanted.number, named.what, named.number, named.title
FROM unnest(%(sets)s::bigint[]) AS wanted(number), LATERAL (
    (SELECT 'record' AS what, record_number AS number, coalesce(after, before) ->> 'title' AS title
     FROM catalogue_change WHERE change_set_id = wanted.number
     AND (%(record)s::bigint IS NULL OR record_number = %(record)s) ORDER BY record_number LIMIT %(most)s)
    UNION ALL
    (SELECT kind, number, coalesce(after, before) ->> 'heading'
     FROM catalogue_headingchange WHERE change_set_id = wanted.number ORDER BY kind, number LIMIT %(most)s)
    UNION ALL
    (SELECT 'document', record_number, coalesce(after, before) ->> 'name'
     FROM catalogue_documentchange WHERE change_set_id = wanted.number
     AND (%(record)s::bigint IS NULL OR record_number = %(record)s) ORDER BY document LIMIT %(most)s)
) AS named
"""


@dataclass(frozen=True)
class Wanted:
    """Which changes somebody asks for. `person` is the name as change sets keep it: None for anybody, "" for commands.

    `what` and `field` go together, as ChangedField has them.
    """

    person: str | None = None
    since: date | None = None
    until: date | None = None
    kind: str = ""
    what: str = ""
    field: str = ""
    words: str = ""
    record: int | None = None


@dataclass(frozen=True)
class Named:
    """A record, heading or document that a change set is about. Of a document `number` is its record's."""

    what: str
    number: int
    title: str


def people() -> list[str]:
    """Return the names of all who have changed anything, "" for commands without an account."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [MOST_PEOPLE])
        return [name for (name,) in cursor.fetchall()]


def change_sets(wanted: Wanted) -> QuerySet[ChangeSet]:
    """Return the change sets that are asked for, newest first."""
    found = ChangeSet.objects.filter(_when(wanted)).order_by("-made", "-pk")
    if wanted.person is not None:
        found = found.filter(user_name=wanted.person)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.field:
        found = found.filter(changed_fields__what=wanted.what, changed_fields__field=wanted.field)
    if words := re.findall(r"\w+", wanted.words)[:MOST_WORDS]:
        found = _with_words(found, words)
    if wanted.record is not None:
        own = Change.objects.filter(record_number=wanted.record).order_by().values("change_set_id")
        of_documents = DocumentChange.objects.filter(record_number=wanted.record).order_by().values("change_set_id")
        found = found.filter(pk__in=own.union(of_documents))
    return found


def _with_words(found: QuerySet[ChangeSet], words: list[str]) -> QuerySet[ChangeSet]:
    """Return those whose reason has words that begin with all of these.

    The planner does not know how rare words are, and would look through all change sets for the last one that has a
    rare one: rare words are looked up first.
    """
    beginning_so = SearchQuery(" & ".join(f"'{word}':*" for word in words), config="simple", search_type="raw")
    having = ChangeSet.objects.annotate(search=SearchVector("reason", config="simple")).filter(search=beginning_so)
    numbers = list(having.order_by().values_list("pk", flat=True)[: FEW + 1])
    if len(numbers) <= FEW:
        return found.filter(pk__in=numbers)
    return found.annotate(search=SearchVector("reason", config="simple")).filter(search=beginning_so)


def _when(wanted: Wanted) -> Q:
    limits = Q()
    if wanted.since:
        limits &= Q(made__gte=_midnight(wanted.since))
    if wanted.until:
        limits &= Q(made__lt=_midnight(wanted.until + timedelta(days=1)))
    return limits


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def page(found: QuerySet[ChangeSet], before: int | None, most: int) -> tuple[list[ChangeSet], bool]:
    """Return so many of the change sets, those older than that of a number, and whether there are more."""
    listed = list(_older(found, before).select_related("undoes", "undone_by")[: most + 1])
    return listed[:most], len(listed) > most


def _older(found: QuerySet[ChangeSet], before: int | None) -> QuerySet[ChangeSet]:
    last = ChangeSet.objects.filter(pk=before).values_list("made", flat=True).first() if before else None
    if last is None:
        return found
    return found.filter(Q(made__lt=last) | Q(made=last, pk__lt=before), made__lte=last)


def counted(sets: Iterable[ChangeSet]) -> dict[int, list[ChangedField]]:
    """Return what each change set did in numbers."""
    found: dict[int, list[ChangedField]] = defaultdict(list)
    for one in ChangedField.objects.filter(change_set__in=list(sets)).order_by("-count", "field"):
        found[one.change_set_id].append(one)
    return found


def named(sets: Iterable[ChangeSet], record: int | None) -> dict[int, list[Named]]:
    """Return the first records, headings and documents of each change set; with a record, that one alone."""
    found: dict[int, list[Named]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"sets": [one.pk for one in sets], "record": record, "most": NAMED})
        for number, what, own, title in cursor.fetchall():
            found[number].append(Named(what, own, title or ""))
    return found


def each_change(wanted: Wanted) -> Iterator[tuple[ChangeSet, Change | HeadingChange | DocumentChange]]:
    """Yield every change in the change sets that are asked for, newest set first, a few at a time in memory."""
    found, last = change_sets(wanted), None
    while sets := page(found, last, AT_ONCE)[0]:
        for change_set in sets:
            for change in _changes(change_set, wanted.record):
                yield change_set, change
        last = sets[-1].pk


def _changes(change_set: ChangeSet, record: int | None) -> Iterator[Any]:
    of_record = {} if record is None else {"record_number": record}
    # Records by their number, which goes with the change set in one index.
    yield from _in_batches(change_set.changes.filter(**of_record), "record_number")
    if record is None:
        yield from _in_batches(change_set.heading_changes.all(), "pk")
    yield from _in_batches(change_set.document_changes.filter(**of_record), "pk")


def _in_batches(changes: QuerySet[Any], column: str) -> Iterator[Any]:
    last = 0
    while batch := list(changes.filter(**{f"{column}__gt": last}).order_by(column)[:AT_ONCE]):
        yield from batch
        last = getattr(batch[-1], column)
