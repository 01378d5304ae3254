"""Facets: what the address says of them, and what the page shows of their counts.

Of one facet several values are OR, each can be excluded, and "missing" is a value. The parameters are `in_country`,
`not_country` (both repeatable), `missing` and `has` (names of facets), `year_from` and `year_to`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.draft import FIRST_YEAR, HEADING_LIMIT, LAST_YEAR
from catalogue.folding import fold_heading
from search import query
from search.engine.base import Filter
from search.histogram import histogram

SHOWN = 8
MOST_CHOSEN = 50
MOST_YEARS = LAST_YEAR + 2


@dataclass(frozen=True)
class Choice:
    """One value of a facet, with its count, whether it is chosen, and the address that leaves it out."""

    label: str
    count: int
    selected: bool
    value: str
    input_name: str
    exclude_url: str

    @property
    def html(self) -> SafeString:
        """The value as an item of the facet's list, in one piece: the template engine is slow at sixty of them."""
        checked = mark_safe(" checked") if self.selected else ""
        count = f"{self.count:,}"
        item = format_html(
            '<li><label><input type="checkbox" name="{}" value="{}"{}><span>{}</span> <span class="count">{}</span>'
            "</label>",
            *(self.input_name, self.value, checked, self.label, count),
        )
        if not self.exclude_url:
            return format_html("{}</li>", item)
        return format_html(
            '{} <a href="{}" rel="nofollow">{}<span class="unseen"> {}</span></a></li>',
            *(item, self.exclude_url, _("not"), self.label),
        )


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
    missing = ValuesField(required=False)
    has = ValuesField(required=False)
    year_from = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    year_to = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name in FACETS:
            for choice in ("in", "not"):
                self.fields[f"{choice}_{name}"] = ValuesField(required=False)
        self.is_valid()


def read_filters(data: QueryDict) -> tuple[Filter, ...]:
    """Return the filters in the parameters of an address; what makes no sense is left out."""
    chosen = FacetForm(data).cleaned_data
    filters = []
    for name in FACETS:
        include = chosen.get(f"in_{name}", ())
        if name == "year":
            include = (*include, *_year_range(chosen))
        one = Filter(
            name,
            include,
            chosen.get(f"not_{name}", ()),
            missing=name in chosen.get("missing", ()) and name in LACKED,
            without=name in chosen.get("has", ()) and name in LACKED,
        )
        if one != Filter(name):
            filters.append(one)
    return tuple(filters)


def _year_range(chosen: Mapping[str, Any]) -> Iterator[str]:
    low, high = chosen.get("year_from"), chosen.get("year_to")
    if low or high:
        if low and high and low > high:
            low, high = high, low
        yield query.range_text(query.Range(low, high))


def wanted(filters: Iterable[Filter]) -> dict[str, int]:
    """Return how many values of each facet to count: more where one is chosen, so that its count is among them."""
    chosen = {one.facet for one in filters}
    sizes = {name: 2_000 if name in chosen else SHOWN + 1 for name in FACETS}
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


def code_label(facet: str, value: int | str) -> str:
    """Return what a reader sees for a code, a year or a switch."""
    if facet == "kind":
        return str(codes.KINDS.get(str(value), value))
    if facet == "link":
        return str(_("With a link") if str(value) == "1" else _("Without a link"))
    if facet == "language":
        try:
            return str(get_language_info(str(value))["name_translated"])
        except KeyError:
            return {"se": _("Northern Sami")}.get(str(value), str(value))
    return str(value)


class Page:
    """The facets of one page of results, as its template shows them."""

    def __init__(self, data: QueryDict, filters: tuple[Filter, ...], counts: Mapping[str, Mapping[int | str, int]]):
        self.data = data
        # The address of the first page, to which a choice is added.
        self.present = address("results", _without_page(data))
        self.without_years = address("results", _without_page(data, "year_from", "year_to"))
        self.chosen = FacetForm(data).cleaned_data
        self.filters = {one.facet: one for one in filters}
        self.counts = {name: dict(values) for name, values in counts.items()}
        shown = {name: self._shown(name) for name in FACETS if name != "year" and name in self.counts}
        self.labels = labels(shown)
        self.shown = shown

    def _shown(self, name: str) -> list[int | str]:
        values = [value for value in self.counts[name] if value not in (0, "") or name == "link"]
        limit = None if name in self.filters else SHOWN
        return values[:limit]

    def facets(self) -> list[dict[str, Any]]:
        made = [self._years() if name == "year" else self._values(name) for name in FACETS if name in self.counts]
        return [facet for facet in made if facet]

    def _values(self, name: str) -> dict[str, Any] | None:
        one = self.filters.get(name, Filter(name))
        include, exclude = set(map(fold_heading, one.include)), set(map(fold_heading, one.exclude))
        values: list[Choice] = []
        for value in self.shown[name]:
            label = self.labels[name].get(value)
            sent = (label or "") if FACETS[name].table else str(value)
            selected = fold_heading(sent) in include
            if label is None or fold_heading(sent) in exclude or (len(values) >= SHOWN and not selected):
                continue
            exclude_url = "" if selected else self._with(f"not_{name}", sent)
            values.append(Choice(label, self.counts[name][value], selected, sent, f"in_{name}", exclude_url))
        lacking = self.counts[name].get(0 if FACETS[name].table else "", 0) if name in LACKED else 0
        if lacking or one.missing:
            exclude_url = "" if one.missing or one.without else self._with("has", name)
            values.append(Choice(_("none given"), lacking, one.missing, name, "missing", exclude_url))
        more = len(self.counts[name]) > SHOWN and name != "link"
        return (
            {
                "name": name,
                "title": FACETS[name].title,
                "kind": "values",
                "values": values,
                "more_url": self._more_url(name) if more else "",
            }
            if values
            else None
        )

    def _years(self) -> dict[str, Any] | None:
        counts = {int(year): count for year, count in self.counts["year"].items() if int(year) > 0}
        if not counts and "year" not in self.filters:
            return None
        return {
            "name": "year",
            "title": FACETS["year"].title,
            "kind": "years",
            "from_name": "year_from",
            "to_name": "year_to",
            "from_value": self.chosen.get("year_from"),
            "to_value": self.chosen.get("year_to"),
            # A single bar says nothing that the list of records does not.
            "histogram": histogram(counts if len(counts) > 1 else {}, self._year_url),
        }

    def _year_url(self, first: int, last: int) -> str:
        return f"{self.without_years}{'&' if '?' in self.without_years else '?'}year_from={first}&year_to={last}"

    def _with(self, name: str, value: str) -> str:
        return f"{self.present}{'&' if '?' in self.present else '?'}{urlencode({name: value})}"

    def _more_url(self, name: str) -> str:
        changed = _without_page(self.data)
        return f"{reverse('facet', args=[name])}?{changed.urlencode()}"

    def chips(self) -> list[dict[str, Any]]:
        """Return what was chosen, each with the address that takes it off."""
        return [chip for one in self.filters.values() for chip in self._chips(one)]

    def _chips(self, one: Filter) -> Iterator[dict[str, Any]]:
        title = FACETS[one.facet].title
        for value in one.include:
            label = value if FACETS[one.facet].table else code_label(one.facet, value)
            yield {"label": title, "value": label, "remove_url": self._off(one.facet, "in", value)}
        for value in one.exclude:
            label = value if FACETS[one.facet].table else code_label(one.facet, value)
            not_this = _("not %(value)s") % {"value": label}
            yield {"label": title, "value": not_this, "remove_url": self._off(one.facet, "not", value)}
        for parameter, chosen, label in (
            ("missing", one.missing, _("none given")),
            ("has", one.without, _("not without")),
        ):
            if chosen:
                changed = _removed(self.data, parameter, one.facet)
                yield {"label": title, "value": label, "remove_url": address("results", changed)}

    def _off(self, facet: str, choice: str, value: str) -> str:
        changed = _removed(self.data, f"{choice}_{facet}", value)
        if facet == "year" and value not in self.data.getlist("in_year"):
            changed.pop("year_from", None)
            changed.pop("year_to", None)
        return address("results", changed)

    def kept_inputs(self) -> list[tuple[str, str]]:
        """Return what the form of the facets must send along: all parameters that it has no input for."""
        own = {"page", "missing", "year_from", "year_to", *(f"in_{name}" for name in FACETS if name != "year")}
        return [(name, value) for name, values in self.data.lists() for value in values if name not in own and value]


def _without_page(data: QueryDict, *others: str) -> QueryDict:
    changed = QueryDict(mutable=True)
    for name, values in data.lists():
        if name != "page" and name not in others:
            changed.setlist(name, values)
    return changed


def _removed(data: QueryDict, name: str, value: str) -> QueryDict:
    changed = _without_page(data)
    changed.setlist(name, [kept for kept in data.getlist(name) if kept.strip() != value])
    return changed


def address(view_name: str, data: QueryDict, *parts: str) -> str:
    """Return the address of a view (`parts` complete its path) with these parameters, the empty ones left out."""
    path = reverse(view_name, args=parts)
    encoded = urlencode([(name, value) for name, values in data.lists() for value in values if value])
    return f"{path}?{encoded}" if encoded else path
