"""Facets: what there are, what the address says of them, and what their values are called.

Of one facet several values are OR, each can be excluded, and "missing" is a value. The parameters are `in_country`,
`not_country` (both repeatable), `missing` and `has` (names of facets), `year_from` and `year_to`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import connection
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.draft import FIRST_YEAR, HEADING_LIMIT, LAST_YEAR
from catalogue.formats.languages import language_name
from search import query
from search.engine.base import Filter

SHOWN = 8
MOST_CHOSEN = 50
MOST_YEARS = LAST_YEAR + 2


@dataclass(frozen=True)
class Facet:
    name: str
    title: str | Promise
    # The table of the headings whose numbers are counted; "" where values are codes.
    table: str = ""


FACETS = {
    facet.name: facet
    for facet in (
        Facet("country", gettext_lazy("Country"), "catalogue_country"),
        Facet("year", gettext_lazy("Year")),
        Facet("keyword", gettext_lazy("Keyword"), "catalogue_keyword"),
        Facet("author", gettext_lazy("Author"), "catalogue_author"),
        Facet("language", gettext_lazy("Language")),
        Facet("kind", gettext_lazy("Kind")),
        Facet("link", gettext_lazy("Link to the document")),
    )
}
# Facets that a record may lack; a switch it cannot.
LACKED = tuple(name for name in FACETS if name != "link")


class ValuesField(forms.Field):
    """The values of a repeatable parameter: bounded in number and length, without what no value holds."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[str, ...]:
        cleaned = (query.without_control_characters(str(item))[:HEADING_LIMIT].strip() for item in value or ())
        return tuple(dict.fromkeys(item for item in cleaned if item))[:MOST_CHOSEN]


class FacetForm(forms.Form):
    """Every parameter of the facets: what is the same for all, and two for each."""

    missing = ValuesField(required=False)
    has = ValuesField(required=False)
    year_from = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    year_to = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields |= {name: ValuesField(required=False) for name in CHOICES}
        self.is_valid()


CHOICES = tuple(f"{choice}_{name}" for name in FACETS for choice in ("in", "not"))
PARAMETERS = frozenset((*FacetForm.base_fields, *CHOICES))


@dataclass(frozen=True)
class Chosen:
    """What the address says of the facets: the filters, the years as they stand in the two inputs, and sentences on
    what in those is no year.
    """

    filters: tuple[Filter, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    notes: tuple[str, ...] = ()


def read_filters(data: QueryDict) -> tuple[Filter, ...]:
    """Return the filters in the parameters of an address; what makes no sense is left out."""
    return read_chosen(data).filters


def read_chosen(data: QueryDict) -> Chosen:
    """Return what is chosen in the parameters of an address."""
    if PARAMETERS.isdisjoint(data):
        return Chosen()  # most searches: a form of eighteen fields for nothing
    form = FacetForm(data)
    chosen = form.cleaned_data
    read = (_filter(name, chosen) for name in FACETS)
    filters = tuple(one for one in read if one != Filter(one.facet))
    wrong = (
        query.without_control_characters(str(data[name]))[:40]
        for name in ("year_from", "year_to")
        if name in form.errors
    )
    notes = tuple(_("“%(value)s” is not a year; it was left out.") % {"value": value} for value in wrong)
    return Chosen(filters, chosen.get("year_from"), chosen.get("year_to"), notes)


def _filter(name: str, chosen: Mapping[str, Any]) -> Filter:
    include = chosen.get(f"in_{name}", ())
    if name == "year":
        include = (*include, *_year_range(chosen))
    return Filter(
        name,
        include,
        chosen.get(f"not_{name}", ()),
        missing=name in chosen.get("missing", ()) and name in LACKED,
        without=name in chosen.get("has", ()) and name in LACKED,
    )


def _year_range(chosen: Mapping[str, Any]) -> Iterator[str]:
    low, high = chosen.get("year_from"), chosen.get("year_to")
    if low or high:
        if low and high and low > high:
            low, high = high, low
        yield query.range_text(query.Range(low, high))


def said(one: Filter) -> Iterator[tuple[str, str]]:
    """Yield what is chosen of a facet in words, each with the title of the facet."""
    title = str(FACETS[one.facet].title)
    included = [*(value_label(one.facet, value) for value in one.include), *([_("none given")] if one.missing else [])]
    if included:
        yield title, _(" or ").join(included)
    for value in one.exclude:
        yield title, _("not %(value)s") % {"value": value_label(one.facet, value)}
    if one.without:
        yield title, _("given")


def wanted(filters: Iterable[Filter]) -> dict[str, int]:
    """Return how many values of each facet to count: those that are shown, one that tells of more, and what has none;
    many where one is chosen, so that its count is among them.
    """
    chosen = {one.facet for one in filters}
    sizes = {name: 2_000 if name in chosen else SHOWN + 2 for name in FACETS}
    return {**sizes, "year": MOST_YEARS}


def labels(counts: Mapping[str, Iterable[int | str]]) -> dict[str, dict[int | str, str]]:
    """Return the label of each value of each facet; the headings of all in one query."""
    found: dict[str, dict[int | str, str]] = {name: {} for name in FACETS}
    parts: list[str] = []
    parameters: list[Any] = []
    for name, values in counts.items():
        facet = FACETS[name]
        if facet.table:
            parts.append(f"SELECT %s, id, heading FROM {facet.table} WHERE id = ANY(%s)")  # noqa: S608 - our own names
            parameters += [name, [value for value in values if value]]
        else:
            found[name] = {value: code_label(name, value) for value in values}
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), parameters)
            for name, number, heading in cursor.fetchall():
                found[name][number] = heading
    return found


def value_label(facet: str, value: str) -> str:
    """Return what a reader sees for a value that an address names: a heading stands for itself."""
    return value if FACETS[facet].table else code_label(facet, value)


def code_label(facet: str, value: int | str) -> str:
    """Return what a reader sees for a code, a year or a switch."""
    if facet == "kind":
        return str(codes.KINDS.get(str(value), value))
    if facet == "link":
        return str(_("With a link") if str(value) == "1" else _("Without a link"))
    if facet == "language":
        return language_name(str(value))
    return str(value)
