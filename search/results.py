"""One page of results: the stamp, the cards, the pages before and after. All views of a search are made from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search import boxes, document_passages, exports, facets, guidance, query
from search.addresses import encoded, path, with_parameters
from search.asking import asked
from search.cards import read_cards
from search.engine.base import Answer, Request, Sort
from search.facet_panel import Panel
from search.filters import DEFAULT_PER_PAGE, PER_PAGE, SORTS, RecordFilter, View, answered, read_view
from search.highlighting import Marker, Words, words_of
from search.index import Found, catalogue, find

# What a parameter need not say.
USUAL = (Sort.RELEVANCE.value, DEFAULT_PER_PAGE)


@dataclass(frozen=True)
class Stamp:
    """What was asked, when, and how many were found: the head of the original page."""

    asked: str
    count: int
    when: datetime

    @property
    def count_text(self) -> str:
        return f"{self.count:,}"

    @property
    def zone(self) -> str:
        return self.when.tzname() or ""


def context(data: QueryDict) -> dict[str, Any]:
    """Return what the results template shows for the parameters of an address."""
    chosen = facets.read_chosen(data)
    filters = chosen.filters
    view = read_view(data)
    request = Request(facets=facets.wanted(filters), filters=filters, sort=view.sort, limit=view.per_page)

    def ask(filterset: RecordFilter) -> tuple[RecordFilter, dict[str, Words], Found]:
        words = words_of(filterset.tree)
        wanted = replace(request, tree=filterset.tree, offset=view.offset)
        return filterset, words, find(wanted, with_closest=_is_wordy(words))

    filterset, words, found = answered(data, ask)
    request = replace(request, tree=filterset.tree)
    last_page = _last_page(found.answer, view)
    if view.page > last_page:
        view = replace(view, page=last_page)
        found = find(replace(request, offset=view.offset))
    marker = Marker(words)
    found_in = document_passages.read(catalogue().opened(), filterset.tree, found.answer.numbers, marker)
    cards = read_cards([*found.answer.numbers, *found.closest], marker, view.offset + 1, found_in=found_in)
    exact = [card for card in cards if card.number not in found.closest]
    panel = Panel(data, chosen, found.answer.facets)
    notes = [
        *filterset.notes,
        *chosen.notes,
        *_bounds(found.answer),
        *_hidden_notes(len(found.answer.hits) - len(exact)),
    ]
    return {
        "words": asked(filterset.boxes),
        "stamp": Stamp(asked(filterset.boxes, filters), found.answer.count, timezone.localtime()),
        "searched_as": _searched_as(filterset.tree, always=bool(filterset.also.searched)),
        "edit_url": with_parameters(path("form"), encoded(data, "page")),
        "change_url": with_parameters(path("admin:batch"), f"{encoded(data, 'page', 'per_page')}&status=published"),
        "keep_url": with_parameters(path("keep"), encoded(data, "page", "per_page")),
        "notices": [*notes, *([found.behind] if found.behind else [])],
        "cards": exact,
        "closest": [card for card in cards if card.number in found.closest],
        "facets": panel.facets() if found.answer.count or filters else [],
        "chips": panel.chips(),
        "kept_inputs": panel.kept_inputs(),
        "first_shown": view.offset + 1,
        "last_shown": view.offset + len(found.answer.hits),
        "pages": _pages(data, view, last_page),
        **exports.context(data, found.answer.count),
        **guidance.context(data, filterset, found.answer.count),
        **boxes.draw(filterset.boxes),
    }


def _is_wordy(words: Mapping[str, Words]) -> bool:
    """Tell whether records can come close to a query: it asks for several words, in no field of their own."""
    anywhere = words.get("")
    return anywhere is not None and len(anywhere.exact) > 1


def _searched_as(tree: query.Node, always: bool) -> str:
    """Return the tree with its brackets, where that tells more than the words side by side, or always."""
    text = query.to_text(tree, brackets=True)
    return text if always or text != query.to_text(tree) else ""


def _last_page(answer: Answer, view: View) -> int:
    if answer.reach is not None:
        return max(1, answer.reach // view.per_page)
    return max(1, -(-answer.count // view.per_page))


def _bounds(answer: Answer) -> Iterator[str]:
    """Yield what a search was kept from, since it would have taken too long."""
    yield from _truncation_notes(answer.truncations)
    yield from _loosened_notes(answer.loosened)
    if answer.reach is not None:
        note = _(
            "In this order the first %(number)s records can be looked through. Narrow the search, or choose another."
        )
        yield note % {"number": f"{answer.reach:,}"}


def _truncation_notes(truncations: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    for pattern, (number, most) in truncations.items():
        note = _("“%(pattern)s” stands for %(number)s words; the most frequent %(most)d of them were searched.")
        yield note % {"pattern": pattern, "number": f"{number:,}", "most": most}


def _loosened_notes(phrases: Iterable[str]) -> Iterator[str]:
    for phrase in phrases:
        note = _("“%(phrase)s” was searched as words side by side: so many phrases of frequent words take too long.")
        yield note % {"phrase": phrase}


def _hidden_notes(hidden: int) -> Iterator[str]:
    """Yield why there are fewer cards than places: what the index leads to may have been withdrawn since."""
    if hidden:
        note = ngettext(
            "%(number)s record of this page is no longer public and is left out.",
            "%(number)s records of this page are no longer public and are left out.",
            hidden,
        )
        yield note % {"number": f"{hidden:,}"}


def _pages(data: QueryDict, view: View, last: int) -> dict[str, Any]:
    first = with_parameters(path("results"), encoded(data, "page"))

    def url(number: int) -> str:
        return with_parameters(first, f"page={number}") if number > 1 else first

    return {
        "number": view.page,
        "last": last,
        "previous_url": url(view.page - 1) if view.page > 1 else "",
        "next_url": url(view.page + 1) if view.page < last else "",
        "links": [
            {"gap": True} if number is None else {"number": number, "url": url(number), "current": number == view.page}
            for number in _shown_pages(view.page, last)
        ],
        "sort_options": _options(data, "sort", {one.value: label for one, label in SORTS.items()}, view.sort.value),
        "per_page_options": _options(data, "per_page", {number: number for number in PER_PAGE}, view.per_page),
    }


def _options(data: QueryDict, name: str, labels: Mapping[Any, Any], current: object) -> list[dict[str, Any]]:
    """Return the values that a parameter can have, each with its address; that of the usual one is without it."""
    usual = with_parameters(path("results"), encoded(data, "page", name))
    return [
        {
            "label": label,
            "url": usual if value in USUAL else with_parameters(usual, f"{name}={value}"),
            "current": value == current,
        }
        for value, label in labels.items()
    ]


def _shown_pages(current: int, last: int) -> Iterator[int | None]:
    """Yield the first, the last and the neighbouring pages, None where some are left out."""
    shown = sorted({1, last, *range(max(1, current - 2), min(last, current + 2) + 1)})
    before = 0
    for number in shown:
        if number - before == 2:
            yield number - 1
        elif number - before > 2:
            yield None
        yield number
        before = number
