"""Kept searches: each is written down with all it found, so that later one sees what came, changed and went."""

import hashlib
import secrets
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Sum
from django.http import QueryDict
from django.utils import timezone

from catalogue.models import ChangeSet, Record
from catalogue.version import VERSION
from search import transactions
from search.engine.base import Request, Sort
from search.index import catalogue, find
from search.models import KeptHits, KeptSearch

# Without what is easily taken for something else; without vowels but a and e, few words can come of it.
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
CODE_LENGTH = 8
MOST_A_MINUTE = 60
# Of what was not kept before: the same hits are kept once, however often they are found.
MOST_BYTES_A_DAY = 64_000_000
# More than any collection has records.
MOST_HITS = 10_000_000
_LOCK = 7_215_401


class TooMany(Exception):
    """So many searches were kept in the last minute that another must wait."""


class TooMuch(Exception):
    """Searches that found so much were kept today that another must wait until tomorrow."""


class TooLong(Exception):
    """The search is too long to be kept: its address would not work everywhere."""


def keep(data: QueryDict, first: KeptSearch | None = None) -> KeptSearch:
    """Write down a search and all that it finds now. `first` is the search of which this is an update.

    Raises TooMany, TooMuch and TooLong.
    """
    catalogue().use()  # the headings that are searched too are those that records have now
    asked = transactions.read(data)
    if asked.too_long:
        raise TooLong
    if same := _just_kept(asked, first):
        return same
    _check_rate()
    hits, notes = all_hits(asked.request)
    packed = pack(hits)
    last_change = Record.objects.aggregate(last=Max("modified"))["last"]
    kept = KeptSearch(
        code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
        parameters=asked.parameters,
        asked=asked.text,
        strategy=asked.strategy,
        boxes=asked.boxes,
        limits=asked.limits,
        notes=[*asked.notes, *notes],
        sort=asked.request.sort.value,
        count=len(hits),
        collection=find(Request(limit=1)).answer.count,
        revision=ChangeSet.objects.aggregate(last=Max("id"))["last"],
        last_change=last_change,
        zone=timezone.get_current_timezone_name(),
        library=settings.LIBRARY_NAME,
        version=VERSION,
        first=first,
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One after the other, so that neither the rate nor the second of grace can be outrun.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if same := _just_kept(asked, first):
            return same
        _check_rate()
        digest = hashlib.sha256(packed).hexdigest()
        kept.hits, _made = KeptHits.objects.get_or_create(
            digest=digest, defaults={"packed": packed, "size": len(packed)}
        )
        kept.save()
    kept.refresh_from_db(fields=["made"])
    return kept


def _just_kept(asked: transactions.Asked, first: KeptSearch | None) -> KeptSearch | None:
    second_ago = timezone.now() - timedelta(seconds=1)
    same = KeptSearch.objects.filter(made__gte=second_ago, parameters=asked.parameters, first=first)
    return same.order_by("-made").first()


def _check_rate() -> None:
    now = timezone.now()
    today = KeptSearch.objects.filter(made__gte=now - timedelta(days=1))
    if today.filter(made__gte=now - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise TooMany
    kept_today = KeptHits.objects.filter(pk__in=today.values("hits"))
    if (kept_today.aggregate(bytes=Sum("size"))["bytes"] or 0) >= MOST_BYTES_A_DAY:
        raise TooMuch


def all_hits(request: Request) -> tuple[dict[int, int], list[str]]:
    """Return every record that a search finds, with the microsecond of its last change, and what is to be said."""
    found = find(replace(request, facets={}, sort=Sort.ADDED, offset=0, limit=MOST_HITS))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, (extract(epoch FROM modified) * 1000000)::bigint FROM catalogue_record
            WHERE id = ANY(%s) AND status = 'published' ORDER BY id
            """,
            [found.answer.numbers],
        )
        return dict(cursor.fetchall()), [found.behind] if found.behind else []


def pack(hits: Mapping[int, int]) -> bytes:
    """Return hits as few bytes: the differences of the numbers, then those of the times, compressed."""
    numbers = sorted(hits)
    return zlib.compress(_differences(numbers) + _differences([hits[number] for number in numbers]))


def _differences(values: Sequence[int]) -> bytes:
    return array("q", [value - before for before, value in zip([0, *values], values, strict=False)]).tobytes()


def unpack(packed: bytes) -> dict[int, int]:
    differences = array("q")
    differences.frombytes(zlib.decompress(packed))
    half = len(differences) // 2
    return dict(zip(_sums(differences[:half]), _sums(differences[half:]), strict=True))


def _sums(differences: Sequence[int]) -> list[int]:
    total = 0
    return [total := total + difference for difference in differences]


@dataclass(frozen=True)
class Changes:
    """What became of a kept search: the numbers of records that it finds now and did not, that changed, that left."""

    count: int
    new: list[int]
    changed: list[int]
    gone: list[int]

    def kinds(self) -> dict[str, list[int]]:
        return {"new": self.new, "changed": self.changed, "gone": self.gone}


def changes_since(kept: KeptSearch) -> Changes:
    """Compare all that a kept search found with all that it finds now."""
    before = unpack(bytes(kept.hits.packed))
    now, _notes = all_hits(request_of(kept))
    return Changes(
        count=len(now),
        new=sorted(now.keys() - before.keys(), reverse=True),
        changed=sorted((n for n, time in now.items() if n in before and before[n] != time), reverse=True),
        gone=sorted(before.keys() - now.keys(), reverse=True),
    )


def request_of(kept: KeptSearch) -> Request:
    """Return what a kept search asks for, read again from its parameters, its headings as the index has them now."""
    catalogue().use()
    return transactions.read(QueryDict(kept.parameters)).request


def runs_of(kept: KeptSearch) -> list[KeptSearch]:
    """Return the first search and all its updates, oldest first."""
    first = kept.first or kept
    return [first, *first.updates.defer("boxes", "limits", "notes").order_by("made", "id")[:500]]
