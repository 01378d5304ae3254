"""All values of one facet of a search on a page of their own: a box to filter them, by count or from A to Z."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalogue.folding import filing_key, fold_heading
from search import addresses, facets
from search.engine.base import Request
from search.filters import RecordFilter, answered
from search.index import find

PER_PAGE = 100
# More values of one facet than this are not looked through.
MOST_VALUES = 200_000


class ValuesForm(forms.Form):
    """How the values are shown. Its parameters have names of their own beside those of the search."""

    starts = forms.CharField(label=_("Show only values with"), required=False, max_length=100)
    order = forms.ChoiceField(choices=[("count", _("By number")), ("name", _("A to Z"))], required=False)
    values_page = forms.IntegerField(min_value=1, max_value=MOST_VALUES, required=False)


def context(name: str, data: QueryDict) -> dict[str, Any]:
    filters = facets.read_filters(data)

    def ask(filterset: RecordFilter) -> Mapping[int | str, int]:
        request = Request(filterset.tree, filters, facets={name: MOST_VALUES}, limit=1)
        return find(request).answer.facets[name]

    counts = answered(data, ask)
    form = ValuesForm(data)
    form.is_valid()
    chosen = form.cleaned_data
    values = _values(name, counts, chosen.get("starts") or "")
    if chosen.get("order") == "name":
        values.sort(key=lambda value: filing_key(value["label"]))
    last = max(1, -(-len(values) // PER_PAGE))
    page = min(chosen.get("values_page") or 1, last)
    search = data.copy()
    for own in ("starts", "order", "values_page", "page"):
        search.pop(own, None)
    for value in values[(page - 1) * PER_PAGE : page * PER_PAGE]:
        value["url"] = _chosen_url(name, value["sent"], search)
    return {
        "title": facets.FACETS[name].title,
        "values": values[(page - 1) * PER_PAGE : page * PER_PAGE],
        "total": len(values),
        "back_url": addresses.address("results", search),
        "kept_inputs": [(key, value) for key, items in search.lists() for value in items if value],
        "starts": chosen.get("starts") or "",
        "orders": [
            {
                "label": label,
                "url": _url(data, order=key, values_page=""),
                "current": key == (chosen.get("order") or "count"),
            }
            for key, label in ValuesForm.base_fields["order"].choices  # type: ignore[attr-defined]
        ],
        "number": page,
        "last": last,
        "previous_url": _url(data, values_page=str(page - 1)) if page > 1 else "",
        "next_url": _url(data, values_page=str(page + 1)) if page < last else "",
    }


def _values(name: str, counts: Any, wanted: str) -> list[dict[str, Any]]:
    present = [value for value in counts if value not in (0, "", -1)]
    labels = facets.labels({name: present})[name]
    folded = fold_heading(wanted)
    return [
        {
            "label": labels[value],
            "count": counts[value],
            "sent": labels[value] if facets.FACETS[name].table else str(value),
        }
        for value in present
        if value in labels and folded in fold_heading(labels[value])
    ]


def _chosen_url(name: str, sent: str, search: QueryDict) -> str:
    chosen = search.copy()
    if sent not in chosen.getlist(f"in_{name}"):
        chosen.appendlist(f"in_{name}", sent)
    return addresses.address("results", chosen)


def _url(data: QueryDict, **changes: str) -> str:
    changed = data.copy()
    for key, value in changes.items():
        changed[key] = value
    return "?" + changed.urlencode()
