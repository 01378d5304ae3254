"""Counts of facets: how many of the records that match have each value. tantivy.py asks for them.

All counts are exact. Each record that is counted costs time, so where most records match, those that do not are counted
and taken from the totals, which are the same for every search.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from heapq import heappush, heappushpop
from typing import Any

import tantivy
from tantivy import Occur, Query

from search.engine.base import Request
from search.engine.compiling import Compiler
from search.engine.schema import CODE_FACETS, NUMBER_FACETS
from search.query import Everything

# More than any collection has headings.
MOST_FACET_VALUES = 1_000_000
# So many searches' counts are kept until the index changes.
MOST_KNOWN = 500
# With so many values in all, each about a hundred bytes: the page of one facet asks for all that there are of it.
MOST_KNOWN_VALUES = 200_000
# So few records are always counted themselves.
FEW = 20_000
# Of each facet so many values are kept with their totals.
MOST_TOTALS = 20_000

# The counts of each facet's values, the most frequent first.
Facets = dict[str, dict[int | str, int]]


@dataclass(frozen=True)
class Counted:
    """The most frequent values of a facet, and the most records that any other value can have."""

    values: Mapping[int | str, int]
    unlisted: int


class Counts:
    """Counts in one state of the index. Those of a search are the same for each of its pages and orders."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self._known: dict[Any, Facets] = {}
        self._known_values = 0
        self._totals: dict[tuple[frozenset[str], str], Counted] = {}

    def clear(self) -> None:
        """Forget the counts of searches."""
        self._known.clear()
        self._known_values = 0

    def of(self, request: Request, compiler: Compiler, count: int) -> Facets:
        """Return the counts for a search that finds `count` records; a filtered facet leaves out its own filter."""
        filtered = {one.facet for one in request.filters}
        facets: Facets = {}
        if together := {name: size for name, size in request.facets.items() if name not in filtered}:
            facets |= self._remembered(request, together, compiler, count)
        for name in filtered & request.facets.keys():
            others = tuple(one for one in request.filters if one.facet != name)
            alone = {name: request.facets[name]}
            facets |= self._remembered(replace(request, filters=others), alone, compiler, count)
        return facets

    def _remembered(self, request: Request, wanted: Mapping[str, int], compiler: Compiler, least: int) -> Facets:
        key = (request.tree, request.filters, request.statuses, request.loose, *wanted.items())
        known = self._known.get(key)
        if known is None:
            known = self._count(request, wanted, compiler, least)
            self._remember(key, known)
        return known

    def _remember(self, key: Any, found: Facets) -> None:
        values = sum(map(len, found.values()))
        if values > MOST_KNOWN_VALUES:
            return
        if len(self._known) >= MOST_KNOWN or self._known_values + values > MOST_KNOWN_VALUES:
            self.clear()
        self._known[key] = found
        self._known_values += values

    def _count(self, request: Request, wanted: Mapping[str, int], compiler: Compiler, least: int) -> Facets:
        """Count the values of records that match, which are `least` or more."""
        every = isinstance(request.tree, Everything) and not request.filters
        if self.searcher.num_docs > FEW and (every or least * 2 > self.searcher.num_docs):
            found = self._subtract(request, wanted, compiler, every)
            if found is not None:
                return found
        counted = self._aggregate(compiler.matching(request), wanted)
        return {name: dict(one.values) for name, one in counted.items()}

    def _subtract(self, request: Request, wanted: Mapping[str, int], compiler: Compiler, every: bool) -> Facets | None:
        """Take the counts of the records that do not match from the totals; None where that leaves one in doubt."""
        public = compiler.matching(Request(statuses=request.statuses))
        unknown = [name for name in wanted if (request.statuses, name) not in self._totals]
        if unknown:
            found = self._aggregate(public, dict.fromkeys(unknown, MOST_TOTALS))
            self._totals.update({(request.statuses, name): one for name, one in found.items()})
        left_out = dict.fromkeys(wanted, Counted({}, 0))
        if not every:
            others = Query.boolean_query([(Occur.Must, public), (Occur.MustNot, compiler.matching(request))])
            left_out = self._aggregate(others, {name: 4 * size + 100 for name, size in wanted.items()})
        facets: Facets = {}
        for name, size in wanted.items():
            best = difference(self._totals[request.statuses, name], left_out[name], size)
            if best is None:
                return None
            facets[name] = best
        return facets

    def _aggregate(self, matching: Query, wanted: Mapping[str, int]) -> dict[str, Counted]:
        # Where there are several segments, counts are exact only when each reports all of its values.
        whole = self.searcher.num_segments > 1
        answer = self.searcher.aggregate(
            matching,
            {name: _aggregation(name, size, MOST_FACET_VALUES if whole else size) for name, size in wanted.items()},
        )
        return {name: _counted(answer[name]["buckets"], size) for name, size in wanted.items()}


def difference(totals: Counted, left_out: Counted, size: int) -> dict[int | str, int] | None:
    """Return the `size` best values after those left out are taken from the totals; None where that is in doubt."""
    found: dict[int | str, int] = {}
    best: list[int] = []
    for value, total in totals.values.items():
        if len(best) >= size and total <= best[0]:
            break
        if (less := left_out.values.get(value)) is None:
            if left_out.unlisted:
                return None
            less = 0
        if count := total - less:
            found[value] = count
            heappush(best, count) if len(best) < size else heappushpop(best, count)
    else:
        if totals.unlisted and (len(best) < size or totals.unlisted > best[0]):
            return None
    return dict(sorted(found.items(), key=lambda item: -item[1])[:size])


def _aggregation(name: str, size: int, segment_size: int) -> dict[str, Any]:
    return {"terms": {"size": size, "segment_size": segment_size, **_field(name)}}


def _field(name: str) -> dict[str, Any]:
    if name in NUMBER_FACETS:
        return {"field": f"{name}_number", "missing": 0}
    if name in CODE_FACETS:
        return {"field": f"{name}_code", "missing": ""}
    return {"field": name, "missing": -1} if name == "year" else {"field": name}


def _counted(buckets: list[dict[str, Any]], size: int) -> Counted:
    values = {_key(bucket["key"]): bucket["doc_count"] for bucket in buckets}
    return Counted(values, unlisted=buckets[-1]["doc_count"] if len(buckets) >= size else 0)


def _key(key: Any) -> int | str:
    return int(key) if isinstance(key, float | int) else str(key)
