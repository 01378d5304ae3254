"""The hits of one page of results, in their order, and how many there are in all. tantivy.py asks for them."""

import itertools
from dataclasses import replace
from typing import Any

import tantivy

from search import query as language
from search.engine.base import Hit, Request, Sort
from search.engine.schema import SORT_KEYS

# How many of the best hits are looked at to see whether some are equal in rank.
PROBED = 101

# To put records into the order of texts, so many texts are looked up at most: about a quarter of a second.
MOST_KEYS = 15_000

# What tantivy says of each hit: its score, or what it was ordered by, and where it stands.
Found = list[tuple[Any, tantivy.DocAddress]]


def hits(
    searcher: tantivy.Searcher, query: tantivy.Query, request: Request, is_dear: bool
) -> tuple[tuple[Hit, ...], int]:
    """Return the hits of a page, and how many there are in all; equals of a dear search stay as they are found."""
    if request.sort is Sort.RELEVANCE and not request.loose and not _tells(request.tree):
        request = replace(request, sort=Sort.NEWEST)
    if request.sort is Sort.RELEVANCE and not is_dear:
        return _best(searcher, query, request)
    far = reach(searcher, request.sort)
    if far is not None and request.offset >= far:
        return (), total(searcher.search(query, limit=1, count=True))
    if far is not None:
        request = replace(request, limit=min(request.limit, far - request.offset))
    result = searcher.search(query, **_paging(request, searcher.num_docs), count=True)
    return _read(searcher, result.hits, scored=request.sort is Sort.RELEVANCE), total(result)


def reach(searcher: tantivy.Searcher, sort: Sort) -> int | None:
    """Return how many hits can be had in an order: texts are looked up in each segment for each hit before a page."""
    if sort not in SORT_KEYS or searcher.num_docs <= MOST_KEYS:
        return None
    return MOST_KEYS // searcher.num_segments


def _tells(tree: language.Node) -> bool:
    """Tell whether one record can match a tree better than another: not where all that is asked is yes or no."""
    match tree:
        case language.And(nodes) | language.Or(nodes):
            return any(map(_tells, nodes))
        case language.In(_, node):
            return _tells(node)
        case language.Everything() | language.Not() | language.Range() | language.Truncated():
            return False
    return True


def total(result: tantivy.SearchResult) -> int:
    count: int = result.count  # type: ignore[attr-defined] # missing in its stubs
    return count


def _best(searcher: tantivy.Searcher, query: tantivy.Query, request: Request) -> tuple[tuple[Hit, ...], int]:
    """Return the best hits, the newer first among equals.

    The same best hits decide for every page whether there are equals, so that no record comes twice or never.
    """
    paging = _paging(request, searcher.num_docs)
    first, last = paging["offset"], paging["offset"] + paging["limit"]
    result = searcher.search(query, limit=PROBED, count=True)
    found: Found = result.hits
    if (end := _end_of_equals(found, last)) is not None:
        found = _newer_first(searcher, found[:end])[first:last]
    elif any(one == other for (one, _), (other, _) in itertools.pairwise(found)):
        # To weigh every match by its year takes longer than to find the best.
        found = searcher.search(query, **paging, count=False, weight_by_field="recency").hits
    else:
        found = searcher.search(query, **paging, count=False).hits
    return _read(searcher, found, scored=True), total(result)


def _end_of_equals(found: Found, last: int) -> int | None:
    """Return where among the best hits those end that are on a page or equal to its last; None where behind them."""
    if last >= len(found):
        return len(found) if len(found) < PROBED else None
    score = found[last - 1][0]
    for place in range(last, len(found)):
        if found[place][0] != score:
            return place
    return len(found) if len(found) < PROBED else None


def _newer_first(searcher: tantivy.Searcher, found: Found) -> Found:
    """Put newer records first among equals, as a search weighted by recency does."""
    if not any(one == other for (one, _), (other, _) in itertools.pairwise(found)):
        return found
    recency = searcher.fast_field_values("recency", [address for _, address in found])
    order = sorted(range(len(found)), key=lambda place: (-found[place][0], -float(recency[place] or 1.0)))
    return [found[place] for place in order]


def _read(searcher: tantivy.Searcher, found: Found, scored: bool) -> tuple[Hit, ...]:
    numbers = searcher.fast_field_values("number", [address for _, address in found])
    return tuple(
        Hit(int(number or 0), float(score) if scored else 0.0)
        for number, (score, _) in zip(numbers, found, strict=True)
    )


def _paging(request: Request, size: int) -> dict[str, Any]:
    # Room for offset and limit is allocated before anything is counted: no page lies behind the last record.
    paging: dict[str, Any] = {
        "limit": max(min(request.limit, size), 1),
        "offset": min(request.offset, size),
    }
    if request.sort is Sort.RELEVANCE:
        return paging
    descending = {Sort.NEWEST: "year", Sort.ADDED: "added"}
    if request.sort in descending:
        return {**paging, "order_by_field": descending[request.sort], "order": tantivy.Order.Desc}
    ascending = {Sort.OLDEST: "year", **SORT_KEYS}
    return {**paging, "order_by_field": ascending[request.sort], "order": tantivy.Order.Asc}
