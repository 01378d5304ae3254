"""The desk's page of a search whose records shall be changed: the boxes and facets of the public search, over drafts,
records in review and withdrawn ones too.

`catalogue.batch` asks `found` for all the numbers, by its dotted name (settings.RECORD_SEARCH_FOUND).
"""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import codes
from catalogue.batch.models import Batch
from catalogue.models import Record, RecordAuthor
from catalogue.people import rights
from search import asking, facets, index, transactions
from search.addresses import address, encoded, path, with_parameters
from search.desk import in_words
from search.engine.base import Request
from search.facet_panel import Panel
from search.fields import FIELDS
from search.filters import SORTS, RecordFilter, answered, in_order, read_view

PAGE = "admin:batch"
PER_PAGE = 50
MOST_BATCHES = 10
# Where the desk's forms complete a box from.
COMPLETED = {"author": "authors", "keyword": "keywords", "country": "countries"}


class StatusForm(forms.Form):
    """The statuses that a search is limited to; none is all."""

    status = forms.MultipleChoiceField(choices=list(codes.STATUSES.items()), required=False)


class DeskPanel(Panel):
    """The facets beside the search: as for the public, but leading to this page."""

    page = PAGE

    def _more_url(self, name: str) -> str:
        return ""  # the public page of all values knows published records alone


@dataclass(frozen=True)
class Selected:
    """All records that a search finds: their numbers, the search in words, and its parameters."""

    numbers: list[int]
    name: str
    parameters: str


@dataclass
class Search:
    """One search of the desk, with what its page shows of it."""

    data: QueryDict
    filterset: RecordFilter
    request: Request
    statuses: list[str]
    found: index.Found


def found(data: QueryDict) -> Selected:
    """Return all records that a search finds at this moment. Raises ConnectionError, with a sentence for people."""
    with in_words():
        asked = search(data, 0, 1)
        numbers = index.numbers(asked.request)
    return Selected(numbers, _in_words(asked), encoded(data, "page", "csrfmiddlewaretoken"))


def search(data: QueryDict, offset: int, limit: int) -> Search:
    """Search as the public does, over the chosen statuses."""
    chosen = _statuses(data)
    statuses = frozenset(chosen or codes.STATUSES)

    def ask(filterset: RecordFilter) -> Search:
        request = _request(data, filterset, statuses)
        found = index.find(replace(request, offset=offset, limit=limit))
        return Search(data, filterset, request, chosen, found)

    return answered(data, ask, statuses)


def _statuses(data: QueryDict) -> list[str]:
    form = StatusForm(data)
    return form.cleaned_data["status"] if form.is_valid() else []


def _request(data: QueryDict, filterset: RecordFilter, statuses: frozenset[str]) -> Request:
    filters = facets.read_filters(data)
    return Request(
        filterset.tree,
        filters,
        statuses=statuses,
        facets=facets.wanted(filters),
        sort=read_view(data).sort,
    )


def _in_words(asked: Search) -> str:
    """Return what was asked for: the words, the facets, the statuses."""
    words = asking.asked(asked.filterset.boxes)
    limits = [f"{title}: {value}" for title, value in transactions.read(asked.data).limits]
    labels = [str(codes.STATUSES[status]) for status in asked.statuses]
    said = [*([words] if words else []), *limits, *([", ".join(labels)] if labels else [])]
    return "; ".join(said) or _("every record")


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what a search finds, to take all of it or to tick some."""
    user: Any = request.user
    if not user.has_perm("catalogue.change_record"):
        raise PermissionDenied
    number = read_view(request.GET).page
    asked = search(request.GET, (number - 1) * PER_PAGE, PER_PAGE)
    last = max(1, -(-asked.found.answer.count // PER_PAGE))
    if number > last:
        number, asked = last, search(request.GET, (last - 1) * PER_PAGE, PER_PAGE)
    page = {
        **admin.site.each_context(request),
        "title": _("Change many records"),
        "may_take_all": rights.may_change_together(user, asked.found.answer.count),
        "most": rights.MANY,
        **_shown(asked),
        **_pages(request.GET, number, last),
        "batches": Batch.objects.filter(user=user.pk).only("name", "count", "state", "made")[:MOST_BATCHES],
    }
    return render(request, "search/desk_selection.html", page)


def _shown(asked: Search) -> dict[str, Any]:
    answer = asked.found.answer
    panel = DeskPanel(asked.data, facets.read_chosen(asked.data), answer.facets)
    return {
        "count": answer.count,
        "records": _records(answer.numbers),
        "notices": [*asked.filterset.notes, *([asked.found.behind] if asked.found.behind else [])],
        "facets": panel.facets() if answer.count or asked.request.filters else [],
        "chips": panel.chips(),
        "kept_inputs": panel.kept_inputs(),
        "kept_facets": [
            (name, value)
            for name, values in asked.data.lists()
            for value in values
            if name in facets.PARAMETERS or name in ("also", "not_also")
        ],
        "boxes": _boxes(asked.filterset),
        "statuses": [
            {"value": value, "label": label, "chosen": value in asked.statuses}
            for value, label in codes.STATUSES.items()
        ],
        "sorts": [
            {"value": sort.value, "label": label, "chosen": sort is asked.request.sort} for sort, label in SORTS.items()
        ],
        "parameters": encoded(asked.data, "page"),
        "is_narrowed": bool(encoded(asked.data, "page", "sort")),
    }


def _records(numbers: list[int]) -> Any:
    first = RecordAuthor.objects.filter(position=0).select_related("author")
    found = Record.objects.prefetch_related(Prefetch("author_links", first, to_attr="first_links"))
    return in_order(found.only("title", "year", "status"), numbers)


def _boxes(filterset: RecordFilter) -> list[dict[str, Any]]:
    labels = {"q": RecordFilter.base_filters["q"].label, **{name: field.label for name, field in FIELDS.items()}}
    return [
        {
            "name": name,
            "label": labels[name],
            "value": filterset.boxes.get(name, ""),
            "complete": path("admin:complete", COMPLETED[name]) if name in COMPLETED else "",
        }
        for name in RecordFilter.base_filters
    ]


def _pages(data: QueryDict, number: int, last: int) -> dict[str, Any]:
    first = address(PAGE, _without_page(data))
    return {
        "number": number,
        "last": last,
        "previous_url": with_parameters(first, f"page={number - 1}") if number > 1 else "",
        "next_url": with_parameters(first, f"page={number + 1}") if number < last else "",
    }


def _without_page(data: QueryDict) -> QueryDict:
    changed = data.copy()
    changed.pop("page", None)
    return changed
