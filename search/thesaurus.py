"""The thesaurus as searches need it: which form leads to which heading, and which headings are narrower.

It is small (variants and relations alone) and kept in this process. It is read again when the notes that the database
makes of every change (catalogue's `Touch`) tell of one to a keyword or a country, and they are asked only after the
index has moved on: a search costs no query more than without it. Which headings have records it asks of the index.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from search import text
from search.engine.base import IndexUnusable, Request
from search.index import catalogue
from search.nodes import Heading

FIELDS = ("keyword", "country")
# Of one kind (forms, relations) no more than this are kept in memory.
MOST_ROWS = 500_000
# More narrower headings than this are not searched at once. The largest continent has sixty countries.
MOST_NARROWER = 100

_KEYWORDS = """
    SELECT 'keyword', 'form', authority_id, NULL::bigint, form FROM catalogue_keywordvariant
    UNION ALL SELECT 'keyword', 'narrower', to_keyword_id, from_keyword_id, '' FROM catalogue_keyword_broader
    UNION ALL SELECT 'keyword', 'heading', id, NULL, heading FROM catalogue_keyword WHERE id IN (
        SELECT authority_id FROM catalogue_keywordvariant UNION SELECT to_keyword_id FROM catalogue_keyword_broader
        UNION SELECT from_keyword_id FROM catalogue_keyword_broader)
"""
_COUNTRIES = """
    SELECT 'country', 'form', authority_id, NULL::bigint, form FROM catalogue_countryvariant
    UNION ALL SELECT 'country', 'narrower', part_of_id, id, '' FROM catalogue_country WHERE part_of_id IS NOT NULL
    UNION ALL SELECT 'country', 'heading', id, NULL, heading FROM catalogue_country
"""
# What a new heading or relation changes, though no trigger notes it before a record has it.
_COUNTS = """
    SELECT (SELECT max(id) FROM catalogue_keyword), (SELECT max(id) FROM catalogue_country),
           (SELECT count(*) FROM catalogue_keyword_broader), (SELECT max(id) FROM catalogue_keyword_broader)
"""


@dataclass(frozen=True)
class Vocabulary:
    """The headings of one field that have variants or relations, by number, and what leads to them."""

    headings: dict[int, str] = field(default_factory=dict)
    forms: dict[str, int] = field(default_factory=dict)
    relations: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def find(self, key: str) -> str:
        """Return the preferred heading that a form leads to; "" where it leads to none."""
        number = self.forms.get(key)
        return self.headings.get(number, "") if number is not None else ""

    def narrower(self, heading: str) -> list[str]:
        """Return all narrower headings, the nearest first; circles, which nobody should make, do no harm."""
        first = self.forms.get(key_of(heading))
        if first is None:
            return []
        found = [first]
        for number in found:  # grows while it is read
            found += [one for one in self.relations.get(number, ()) if one not in found]
            if len(found) > MOST_NARROWER:
                break
        return [self.headings[number] for number in found[1 : MOST_NARROWER + 1] if number in self.headings]


@dataclass(frozen=True)
class _Version:
    """What tells one state of the thesaurus from the next: the notes read so far, and the counts of what has none."""

    horizon: int
    seen: frozenset[int]
    counts: tuple[Any, ...]


class Thesaurus:
    """The vocabularies of this process, and how far they are up to date."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: Any = None
        self._version: _Version | None = None
        self._vocabularies: dict[str, Vocabulary] = {}
        self._used: dict[tuple[str, str, frozenset[str]], bool] = {}

    def is_current(self) -> bool:
        """Tell whether nothing at all has been indexed since the thesaurus was last looked at. Asks no database."""
        return self._version is not None and self._stamp == catalogue().generations.stamp()

    def vocabulary(self, name: str) -> Vocabulary:
        if not self.is_current():
            with self._lock:
                if not self.is_current():
                    self._renew()
        return self._vocabularies[name]

    def used(self, name: str, headings: Sequence[str], statuses: frozenset[str]) -> list[str]:
        """Return those of some headings of a field that records of these statuses have."""
        used = self._used  # another thread may put a new one in its place
        keys = {heading: (name, heading, statuses) for heading in headings}
        try:
            for heading, key in keys.items():
                if key not in used:
                    request = Request(Heading(name, heading), statuses=statuses)
                    used[key] = catalogue().opened().count(request) > 0
        except IndexUnusable:
            return list(headings)  # the search makes an index, and is then read once more
        return [heading for heading, key in keys.items() if used[key]]

    def _renew(self) -> None:
        stamp = catalogue().generations.stamp()
        version, touched = _version(self._version)
        if self._version is None or touched or version.counts != self._version.counts:
            self._vocabularies = _read()
        self._used = {}
        self._version, self._stamp = version, stamp


def _version(before: _Version | None) -> tuple[_Version, bool]:
    """Return the version of now, and whether a note that was not there before tells of a keyword or country."""
    horizon, seen = (before.horizon, list(before.seen)) if before else (0, [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, counts.*,
                (SELECT array_agg(id) FROM catalogue_touch
                 WHERE transaction >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint),
                EXISTS (SELECT FROM catalogue_touch
                        WHERE transaction >= %s AND id <> ALL(%s) AND what NOT IN ('record', 'author'))
            FROM ({_COUNTS}) AS counts
            """,  # noqa: S608 - our own text
            [horizon, seen],
        )
        now, *counts, above, touched = cursor.fetchone()
    return _Version(now, frozenset(above or ()), tuple(counts)), touched


def _read() -> dict[str, Vocabulary]:
    found = {name: Vocabulary() for name in FIELDS}
    for name, what, number, other, words in _rows():
        vocabulary = found[name]
        if what == "form":
            vocabulary.forms.setdefault(key_of(words), number)
        elif what == "narrower":
            vocabulary.relations[number].append(other)
        else:
            vocabulary.headings[number] = words
    for vocabulary in found.values():
        vocabulary.forms.update({key_of(heading): number for number, heading in vocabulary.headings.items()})
        for numbers in vocabulary.relations.values():
            numbers.sort(key=lambda number: vocabulary.headings.get(number, ""))  # noqa: B023 - used at once
    return found


def _rows() -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_KEYWORDS} UNION ALL {_COUNTRIES} LIMIT %s", [MOST_ROWS])
        yield from cursor


def key_of(form: str) -> str:
    """Return what makes two forms one: their words, without case, accents and punctuation, as the index has them."""
    return " ".join(text.tokens(form))


_known: dict[Path, Thesaurus] = {}


def thesaurus() -> Thesaurus:
    """Return the thesaurus of this process."""
    return _known.setdefault(Path(settings.INDEX_DIR), Thesaurus())
