"""Finds the record that an incoming Draft is about, if the catalogue has it, by rules that never guess.

A record with the same number in the same source is the one. Else the folded title must be the same, and the shelf
number, the address, or both the year and the first author (or the record must say all that the Draft says); and nothing
may speak against it: other shelf numbers, other numbers in the source, other addresses.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models.functions import MD5
from django.utils.translation import gettext_lazy as _

from catalogue import codes
from catalogue.draft import Draft, Identifier
from catalogue.folding import fold_heading
from catalogue.models import Fold, Record, RecordIdentifier
from catalogue.records import read_drafts

SOURCE = "source"

FILL, OVERWRITE, SKIP, ADD, CREATE = "fill", "overwrite", "skip", "add", "create"
# What is done with a row that is about a record of the catalogue, and with one that is only near one.
ON_MATCH = {
    FILL: _("fill the empty fields of the record"),
    OVERWRITE: _("overwrite fields of the record"),
    SKIP: _("leave the record as it is"),
    ADD: _("add a second record"),
}
ON_NEAR = {CREATE: _("make a new record"), SKIP: _("set the row aside")}


@dataclass(frozen=True)
class Matching:
    """How an import looks for the records that its rows are about, and what it does with those that it finds.

    `rules` are names of RULES, tried in this order. `overwrite` are the fields that OVERWRITE replaces; empty for all
    that the row fills.
    """

    rules: tuple[str, ...] = ("source", "shelf_number", "url", "doi", "isbn", "report", "title", "same")
    on_match: str = FILL
    overwrite: tuple[str, ...] = ()
    on_near: str = CREATE


def keys(draft: Draft) -> set[tuple[str, str]]:
    """Return what two Drafts must have in common to be compared at all."""
    sources = {(SOURCE, item.value) for item in draft.identifiers if item.scheme == SOURCE}
    return sources | {("title", fold_heading(draft.title))}


@dataclass(frozen=True)
class Candidates:
    """The records that share a key with any Draft of a batch."""

    drafts: dict[int, Draft]
    by_key: dict[tuple[str, str], list[int]]

    def match(self, draft: Draft) -> int | None:
        """Return the number of the record that the Draft is about, or None: the surest of several."""
        numbers = dict.fromkeys(number for key in keys(draft) for number in self.by_key.get(key, ()))
        strengths = {number: likeness(draft, self.drafts[number]) for number in sorted(numbers)}
        best = max(strengths, key=lambda number: strengths[number], default=None)
        return best if best is not None and strengths[best] else None


def candidates(drafts: Sequence[Draft]) -> Candidates:
    """Look up the candidates of a batch of Drafts, in six queries."""
    titles = {hashlib.md5(fold_heading(draft.title).encode(), usedforsecurity=False).hexdigest() for draft in drafts}
    sources = [item.value for draft in drafts for item in draft.identifiers if item.scheme == SOURCE]
    numbers = set(Record.objects.alias(key=MD5(Fold("title"))).filter(key__in=titles).values_list("id", flat=True))
    if sources:
        found = RecordIdentifier.objects.filter(value__in=sources, scheme=SOURCE)
        numbers |= set(found.values_list("record_id", flat=True))
    known = read_drafts(sorted(numbers))
    by_key: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, draft in sorted(known.items()):
        for key in keys(draft):
            by_key[key].append(number)
    return Candidates(known, by_key)


def likeness(one: Draft, other: Draft) -> int:
    """Tell how surely two Drafts that share a key describe the same document; 0 when they do not, or when in doubt."""
    ours, theirs = _sources(one), _sources(other)
    if ours & theirs:
        return 5
    if (ours and theirs) or _differ(one.shelf_number, other.shelf_number):
        return 0
    if one.shelf_number and one.shelf_number == other.shelf_number:
        return 4
    if one.url and one.url == other.url:
        return 3
    if _differ(one.url, other.url):
        return 0
    if one.year and one.year == other.year and _first_author(one) == _first_author(other):
        return 2
    return int(merged(one, other) == other)


def _sources(draft: Draft) -> set[str]:
    return {item.value for item in draft.identifiers if item.scheme == SOURCE}


def _first_author(draft: Draft) -> str:
    return fold_heading(draft.authors[0].heading) if draft.authors else ""


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def merged(incoming: Draft, present: Draft) -> Draft:
    """Return the record with what the file says of it; where the file says nothing, the record keeps what it has."""
    values: dict[str, Any] = {name: value for name, value in _filled(incoming) if name != "status"}
    known = dict.fromkeys((*present.identifiers, *incoming.identifiers))
    values["identifiers"] = tuple(Identifier(item.scheme, item.value) for item in known)
    if incoming.status != codes.PUBLISHED:
        values["status"] = incoming.status
    return replace(present, **values)


def _filled(draft: Draft) -> Iterator[tuple[str, Any]]:
    for name in Draft.__dataclass_fields__:
        value = getattr(draft, name)
        if value not in ("", None, ()):
            yield name, value
