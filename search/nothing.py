"""The page of a search that found nothing: why, and what to do about it.

It tells what each box and each word finds by itself, the smallest changes that find something, and headings of the
catalogue near the words. Changes are tried in this order, and the first that find something are shown: a facet taken
off; phrases and whole headings as plain words; a wider range of years; a box left out; a word left out; any of them.
"""

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from search import asking, facets, query
from search.engine.base import Filter, Index, Request
from search.engine.stemming import DEFAULT, stems
from search.fields import FIELDS, Kind
from search.filters import FIELD_NAMES, RecordFilter
from search.near import near_headings
from search.nodes import And, Heading, In, Node, Not, Or, Phrase, Range, Word, all_of, any_of, leaves, to_text
from search.text import tokens

# Nothing is counted after so many counts, or after so many seconds.
MOST_COUNTS = 30
MOST_SECONDS = 0.15
MOST_LOOSENED = 5
MOST_WORDS = 12
WIDER_YEARS = 5
# A word in more than this share of the records, and in more records than this, says nothing by itself ("of").
COMMON_SHARE = 0.3
FEWEST_COMMON = 50


class Counts:
    """Counts searches, until it has taken too long."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.left = MOST_COUNTS
        self.until = monotonic() + MOST_SECONDS

    def tells(self, node: Node) -> bool:
        """Tell whether a part of a query is more than words that very many records have."""
        words: list[str] = []
        for leaf in leaves(node):
            if not isinstance(leaf, Word):
                return True
            words += tokens(leaf.text)
        most = max(self.index.size * COMMON_SHARE, FEWEST_COMMON)
        return any(frequency <= most for frequency in self.index.frequencies(stems(words, DEFAULT)).values())

    def __call__(self, data: QueryDict) -> int | None:
        """Return how many records a search finds; None when there is no time left to count."""
        if self.left <= 0 or monotonic() > self.until:
            return None
        self.left -= 1
        return self.index.count(Request(RecordFilter(data).tree, facets.read_filters(data)))


def context(index: Index, data: QueryDict, boxes: Mapping[str, str]) -> dict[str, Any]:
    counts = Counts(index)
    return {
        "loosened": _loosened(counts, data, boxes),
        "words": _each(counts, data, boxes),
        "headings": near_headings(index, [token for text in boxes.values() for token in tokens(text)][:MOST_WORDS]),
    }


def _loosened(counts: Counts, data: QueryDict, boxes: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    tried = {asking.results_url(data)}
    for label, changed in _looser(counts, data, boxes):
        url = asking.results_url(changed)
        if url not in tried and (count := counts(changed)):
            found.append({"label": label, "url": url, "count": count})
        tried.add(url)
        # Half of the counts are for the words by themselves.
        if len(found) >= MOST_LOOSENED or counts.left <= MOST_COUNTS // 2:
            break
    return found


def _looser(counts: Counts, data: QueryDict, boxes: Mapping[str, str]) -> Iterator[tuple[str, QueryDict]]:
    for one in facets.read_filters(data):
        title = facets.FACETS[one.facet].title
        yield _("without the choice of %(facet)s") % {"facet": title}, _without_filter(data, one)
    for changed in _looser_boxes(counts, boxes):
        if any(counts.tells(_parse(name, text)) for name, text in changed.items()):
            yield asking.asked(changed), asking.with_boxes(data, changed)


def _without_filter(data: QueryDict, one: Filter) -> QueryDict:
    changed = data.copy()
    changed.pop("page", None)
    for name in (f"in_{one.facet}", f"not_{one.facet}", *(("year_from", "year_to") if one.facet == "year" else ())):
        changed.pop(name, None)
    for name in ("missing", "has"):
        changed.setlist(name, [kept for kept in data.getlist(name) if kept != one.facet])
    return changed


def _looser_boxes(counts: Counts, boxes: Mapping[str, str]) -> Iterator[dict[str, str]]:
    trees = {name: _parse(name, text) for name, text in boxes.items()}
    plain = {name: to_text(_plain(tree)) for name, tree in trees.items()}
    yield {name: plain[name] if _plain(trees[name]) != trees[name] else text for name, text in boxes.items()}
    for name, tree in trees.items():
        if isinstance(tree, Range):
            yield {**boxes, name: query.range_text(_wider(tree))}
    if len(boxes) > 1:
        yield from ({other: text for other, text in boxes.items() if other != name} for name in boxes)
    yield from _fewer_words(counts, boxes, trees)


def _fewer_words(counts: Counts, boxes: Mapping[str, str], trees: Mapping[str, Node]) -> Iterator[dict[str, str]]:
    for name, tree in trees.items():
        for place in range(len(_parts(tree))):
            rest = _parts(tree)[:place] + _parts(tree)[place + 1 :]
            if rest:
                yield {**boxes, name: to_text(all_of(rest))}
    for name, tree in trees.items():
        parts: list[Node] = [part for part in _parts(tree) if not isinstance(part, Not) and counts.tells(part)]
        if len(parts) > 1:
            yield {**boxes, name: to_text(any_of(parts))}


def _parse(name: str, text: str) -> Node:
    if name != "q" and FIELDS[name].kind is Kind.YEAR:
        return query.parse_years(text) or query.Everything()
    return query.parse(text, fields=FIELD_NAMES if name == "q" else frozenset()).tree


def _plain(node: Node) -> Node:
    """Return a tree with the words of phrases and whole headings in their place."""
    match node:
        case Phrase(words):
            return all_of([Word(word) for word in words])
        case Heading(name, text):
            return In(name, all_of([Word(word) for word in tokens(text)]))
        case In(name, inner):
            return In(name, _plain(inner))
        case And(nodes):
            return all_of([_plain(child) for child in nodes])
        case Or(nodes):
            return any_of([_plain(child) for child in nodes])
    return node


def _wider(years: Range) -> Range:
    low = years.low - WIDER_YEARS if years.low is not None else None
    high = years.high + WIDER_YEARS if years.high is not None else None
    return Range(max(low, 0) if low is not None else None, high)


def _parts(tree: Node) -> tuple[Node, ...]:
    return tree.nodes[:MOST_WORDS] if isinstance(tree, And) else (tree,)


def _each(counts: Counts, data: QueryDict, boxes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what each box and each word finds by itself, with the facets that were chosen."""
    single: dict[str, dict[str, str]] = {}
    if len(boxes) > 1:
        single |= {asking.labelled(name, text): {name: text} for name, text in boxes.items()}
    for name, text in boxes.items():
        parts = _parts(_parse(name, text))
        if len(parts) > 1:
            for part in parts:
                words = to_text(part)
                single.setdefault(asking.labelled(name, words), {name: words})
    found: list[dict[str, Any]] = []
    for label, box in single.items():
        changed = asking.with_boxes(data, box)
        if (count := counts(changed)) is None:
            break
        found.append({"label": label, "url": asking.results_url(changed) if count else "", "count": count})
    return found
