"""The records that the rows of a batch may be about: looked up by what they have in common with them, all at once.

`import_batch` calls it. Whether a candidate is the one, the rules in `matching` say.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from catalogue import likeness
from catalogue.database import arrays
from catalogue.draft import Draft
from catalogue.folding import FOLD_SQL
from catalogue.matching import (
    RULES,
    agree,
    doi,
    folded,
    identifier_key,
    isbn_13,
    may_be_same,
    numbered_twice,
    other_numbers,
    url_key,
)
from catalogue.merging import is_source
from catalogue.models import IDENTIFIER_KEY_SQL, URL_KEY_SQL

# Of what leads to more records than this, only so many are looked at.
MOST_CANDIDATES = 50
MOST_OF_ONE_TITLE = 200
# A number or address that leads to more records than this proves nothing unless the titles are the same.
MOST_SHARING = 3


@dataclass(eq=False, slots=True)
class Target:
    """A record that rows may be about: of the catalogue (`number`), or one that a row of the batch makes (`row`).

    `own` is the number that a new one shall have, where that is not the next one.
    `first` is what the row that makes it says; `rows` are further rows that are about it, each with the rule that said
    so; `near` is a record that it is near to.
    """

    draft: Draft
    number: int | None = None
    before: Draft | None = None
    first: Draft | None = None
    row: int = 0
    rows: list[tuple[int, Draft, str]] = field(default_factory=list)
    near: "Target | None" = None
    own: int | None = None


class Candidates:
    """The records that share a key with any Draft of a batch, and those that the batch itself makes."""

    def __init__(self, rules: Sequence[str]) -> None:
        self.rules = [RULES[name] for name in rules]
        self._by_key: dict[tuple[str, str], list[Target]] = defaultdict(list)
        # Those whose keys nobody has asked for yet: of a file that is imported again all rows are known without them.
        self._added: list[tuple[Target, Draft]] = []

    def add(self, target: Target) -> None:
        self._added.append((target, target.draft))

    @property
    def by_key(self) -> dict[tuple[str, str], list[Target]]:
        for target, draft in self._added:
            self._learn_keys(target, draft)
        self._added.clear()
        return self._by_key

    def _learn_keys(self, target: Target, draft: Draft) -> None:
        for rule in RULES.values():
            if rule.by_identifier and not draft.identifiers:
                continue
            for key in rule.keys(draft):
                sharing = self._by_key[rule.name, key]
                if target not in sharing:
                    sharing.append(target)

    def match(self, draft: Draft, itself: Target | None = None) -> tuple[Target, str] | None:
        """Return the record that the Draft is about and the name of the rule that says so: the first rule's oldest.

        `itself` is the oldest record that said the very same: it is the one by any rule, as long as it still does.
        """
        if itself and itself.draft is itself.before and (own := self._first_rule(draft)):
            return itself, own
        by_key = self.by_key
        for rule in self.rules:
            if rule.by_identifier and not draft.identifiers:
                continue
            for key in rule.keys(draft):
                sharing = by_key.get((rule.name, key))
                if not sharing:
                    continue
                shared = len(sharing) > MOST_SHARING
                found = [one for one in sharing[:MOST_OF_ONE_TITLE] if agree(rule.name, draft, one.draft, shared)]
                if found:
                    best = found[0] if len(found) == 1 else max(found, key=lambda one: _closeness(draft, one.draft))
                    return best, rule.name
        return None

    def _first_rule(self, draft: Draft) -> str | None:
        return next((rule.name for rule in self.rules for _key in rule.keys(draft)), None)

    def near(self, draft: Draft) -> Target | None:
        """Return a record of the same title, or of the same DOI, that something keeps from being a match; or one that
        its source numbers otherwise, though all that tells documents apart is the same.
        """
        for key in doi(draft):
            for target in self.by_key.get(("doi", key), ())[:MOST_CANDIDATES]:
                if not other_numbers(draft, target.draft):
                    return target
        for target in self.by_key.get(("same", folded(draft.title)), ())[:MOST_OF_ONE_TITLE]:
            if may_be_same(draft, target.draft):
                return target
        return next(self._numbered_twice(draft), None)

    def _numbered_twice(self, draft: Draft) -> "Iterator[Target]":
        if not any(is_source(item.scheme) for item in draft.identifiers):
            return
        for name in ("doi", "isbn", "report", "url", "title"):
            for key in RULES[name].keys(draft):
                for target in self.by_key.get((name, key), ())[:MOST_CANDIDATES]:
                    if numbered_twice(name, draft, target.draft):
                        yield target


def _closeness(row: Draft, record: Draft) -> tuple[bool, bool]:
    """Put what says the very same first: of two records about one document each comes back to itself; then the very
    title before one with another ending.
    """
    if record.replaced_by is not None and row.replaced_by is None:
        record = replace(record, replaced_by=None)  # a row of JSON lines leads on once all records are there
    return row == record, folded(row.title) == folded(record.title)


_WITH_KEYS = f"""
SELECT found.id FROM unnest(%(schemes)s::text[], %(identifiers)s::text[]) AS k(scheme, key) CROSS JOIN LATERAL (
    SELECT record_id AS id FROM catalogue_recordidentifier
    WHERE {IDENTIFIER_KEY_SQL.format(column="value")} = k.key AND scheme = k.scheme LIMIT {MOST_CANDIDATES}) AS found
UNION
SELECT found.id FROM unnest(%(shelves)s::text[]) AS k(key) CROSS JOIN LATERAL (
    SELECT id FROM catalogue_record
    WHERE shelf_number = k.key AND NOT shelf_number = '' LIMIT {MOST_CANDIDATES}) AS found
UNION
SELECT found.id FROM unnest(%(urls)s::text[]) AS k(key) CROSS JOIN LATERAL (
    SELECT id FROM catalogue_record
    WHERE {URL_KEY_SQL.format(column="url")} = k.key AND NOT url = '' LIMIT {MOST_CANDIDATES}) AS found
"""  # noqa: S608 - nothing but constants of ours
_WITH_TITLES = f"""
SELECT found.id FROM unnest(%(titles)s::text[], %(years)s::integer[]) AS k(key, year) CROSS JOIN LATERAL (
    SELECT id FROM catalogue_record
    WHERE md5({FOLD_SQL.format(column="title")}) = k.key
    AND (k.year IS NULL OR year IS NULL OR year BETWEEN k.year - 1 AND k.year + 1)
    LIMIT {MOST_OF_ONE_TITLE}) AS found
"""  # noqa: S608 - nothing but constants of ours

_NEAR = """
SELECT k.place, found.id, found.title FROM unnest(%(places)s::bigint[], %(keys)s::bigint[]) AS k(place, key)
CROSS JOIN LATERAL (SELECT id, title FROM catalogue_record WHERE {column} = k.key LIMIT %(most)s) AS found
"""


def candidate_numbers(drafts: Sequence[Draft]) -> list[int]:
    """Return the numbers of the records that share a key with any of the Drafts, in one query."""
    return _numbers(f"{_WITH_KEYS} UNION {_WITH_TITLES}", _keys(drafts) | _titles(drafts))


def numbers_by_title(drafts: Sequence[Draft]) -> list[int]:
    """Return the numbers of the records that have the title of any of the Drafts."""
    return _numbers(_WITH_TITLES, _titles(drafts))


def numbers_by_keys(drafts: Sequence[Draft]) -> list[int]:
    """Return the numbers of the records that share an address or a number of any kind with any of the Drafts."""
    return _numbers(_WITH_KEYS, _keys(drafts))


def _numbers(query: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return sorted(number for (number,) in cursor.fetchall())


def _titles(drafts: Sequence[Draft]) -> dict[str, Any]:
    titles = list(dict.fromkeys((md5(folded(draft.title)), draft.year) for draft in drafts))
    return {
        "titles": arrays.texts(key for key, _year in titles),
        "years": arrays.numbers(year for _key, year in titles),
    }


def _keys(drafts: Sequence[Draft]) -> dict[str, Any]:
    identifiers = list(dict.fromkeys(pair for draft in drafts for pair in _identifier_keys(draft)))
    return {
        "schemes": arrays.texts(scheme for scheme, _key in identifiers),
        "identifiers": arrays.texts(key for _scheme, key in identifiers),
        "shelves": arrays.texts({draft.shelf_number for draft in drafts if draft.shelf_number}),
        "urls": arrays.texts({md5(url_key(draft.url)) for draft in drafts if draft.url}),
    }


def _identifier_keys(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield each scheme with what spellings of a number have in common: the number "5" is that of many a series."""
    for item in draft.identifiers:
        key = identifier_key(item.value)
        yield item.scheme, key
        if item.scheme == "isbn":
            yield item.scheme, isbn_13(key)
            if re.fullmatch(r"978\d{10}", key):
                yield item.scheme, _isbn_10(key)


def _isbn_10(digits: str) -> str:
    body = digits[3:12]
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(body))
    return body + "0123456789x"[-total % 11]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def near_numbers(drafts: Sequence[Draft]) -> dict[int, list[int]]:
    """Return, by the place of a Draft, the numbers of records whose title differs from its by no more than a typo."""
    found: dict[int, list[int]] = defaultdict(list)
    keys = [(place, *likeness.near_keys(draft)) for place, draft in enumerate(drafts)]
    for which, column in ((1, "near_start"), (2, "near_end")):
        asked = [(key[0], key[which]) for key in keys if key[which] is not None]
        if not asked:
            continue
        places, wanted = zip(*asked, strict=True)
        with connection.cursor() as cursor:
            values: dict[str, Any] = {
                "places": arrays.numbers(places),
                "keys": arrays.numbers(wanted),
                "most": MOST_CANDIDATES,
            }
            cursor.execute(_NEAR.format(column=column), values)
            for place, number, text in cursor.fetchall():
                if number not in found[place] and likeness.alike(text, drafts[place].title):
                    found[place].append(number)
    return {place: numbers for place, numbers in found.items() if numbers}
