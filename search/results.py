"""One page of results: the stamp, the cards, the pages before and after. All views of a search are made from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from search import exports, facets, guidance, query
from search.asking import asked
from search.box_aids import add_aids
from search.cards import read_cards
from search.engine.base import Request
from search.engine.terms import MOST_OPENED
from search.filters import DEFAULT_PER_PAGE, PER_PAGE, SORTS, RecordFilter, View, read_view
from search.highlighting import Marker, Words, words_of
from search.index import find


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
    filterset = RecordFilter(data)
    filters = facets.read_filters(data)
    view = read_view(data)
    words = words_of(filterset.tree)
    request = Request(filterset.tree, filters, facets=facets.wanted(filters), sort=view.sort, limit=view.per_page)
    found = find(replace(request, offset=view.offset), with_closest=_is_wordy(words))
    if filterset.also.is_stale and (fresh := RecordFilter(data)).tree != filterset.tree:
        filterset, request, words = fresh, replace(request, tree=fresh.tree), words_of(fresh.tree)
        found = find(replace(request, offset=view.offset), with_closest=_is_wordy(words))
    last_page = max(1, -(-found.answer.count // view.per_page))
    if view.page > last_page:
        view = replace(view, page=last_page)
        found = find(replace(request, offset=view.offset))
    cards = read_cards([*found.answer.numbers, *found.closest], Marker(words), view.offset + 1)
    exact = [card for card in cards if card.number not in found.closest]
    shown = facets.Page(data, filters, found.answer.facets)
    notes = [*filterset.notes, *_truncation_notes(found.answer.truncations), *_loosened_notes(found.answer.loosened)]
    return {
        "stamp": Stamp(asked(filterset.boxes), found.answer.count, timezone.localtime()),
        "searched_as": _searched_as(filterset.tree, always=bool(filterset.also.searched)),
        "edit_url": address("form", data, page=None),
        "keep_url": address("keep", data, page=None, per_page=None),
        "notices": [*notes, *([found.behind] if found.behind else [])],
        "cards": exact,
        "closest": [card for card in cards if card.number in found.closest],
        "facets": shown.facets() if found.answer.count or filters else [],
        "chips": shown.chips(),
        "kept_inputs": shown.kept_inputs(),
        "first_shown": view.offset + 1,
        "last_shown": view.offset + len(exact),
        "pages": _pages(data, view, last_page),
        **exports.context(data, found.answer.count),
        **guidance.context(data, filterset, found.answer.count),
        **form_context(filterset),
    }


def _is_wordy(words: Mapping[str, Words]) -> bool:
    """Tell whether records can come close to a query: it asks for several words, in no field of their own."""
    anywhere = words.get("")
    return anywhere is not None and len(anywhere.exact) > 1


def _searched_as(tree: query.Node, always: bool) -> str:
    """Return the tree with its brackets, where that tells more than the words side by side, or always."""
    text = query.to_text(tree, brackets=True)
    return text if always or text != query.to_text(tree) else ""


def _truncation_notes(truncations: Mapping[str, int]) -> Iterator[str]:
    for pattern, number in truncations.items():
        note = _("“%(pattern)s” stands for %(number)s words; the most frequent %(most)d of them were searched.")
        yield note % {"pattern": pattern, "number": f"{number:,}", "most": MOST_OPENED}


def _loosened_notes(phrases: Iterable[str]) -> Iterator[str]:
    for phrase in phrases:
        note = _("“%(phrase)s” was searched as words side by side: so many phrases of frequent words take too long.")
        yield note % {"phrase": phrase}


def form_context(filterset: RecordFilter) -> dict[str, Any]:
    form = filterset.form
    add_aids(form)
    return {"form": form, "any_box": form["q"], "boxes": [box for box in form if box.name != "q"]}


def address(view_name: str, data: QueryDict, **changes: Any) -> str:
    """Return the address of a view with the parameters of this one, some changed or (None) left out, none empty."""
    parameters = QueryDict(mutable=True)
    for name, values in data.lists():
        if name not in changes:
            parameters.setlist(name, values)
    for name, value in changes.items():
        if value is not None:
            parameters[name] = str(value)
    return facets.address(view_name, parameters)


def _pages(data: QueryDict, view: View, last: int) -> dict[str, Any]:
    def url(number: int) -> str:
        return address("results", data, page=number if number > 1 else None)

    return {
        "number": view.page,
        "last": last,
        "previous_url": url(view.page - 1) if view.page > 1 else "",
        "next_url": url(view.page + 1) if view.page < last else "",
        "links": [
            {"gap": True} if number is None else {"number": number, "url": url(number), "current": number == view.page}
            for number in _shown_pages(view.page, last)
        ],
        "sort_options": [
            {
                "label": label,
                "url": address("results", data, page=None, sort=None if sort.value == "relevance" else sort.value),
                "current": sort is view.sort,
            }
            for sort, label in SORTS.items()
        ],
        "per_page_options": [
            {
                "label": number,
                "url": address("results", data, page=None, per_page=None if number == DEFAULT_PER_PAGE else number),
                "current": number == view.per_page,
            }
            for number in PER_PAGE
        ],
    }


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
