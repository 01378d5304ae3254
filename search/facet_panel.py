"""The facets of a page of results: values with their counts, what is chosen, and the addresses that choose another."""

import functools
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote_plus

from django.http import QueryDict
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from catalogue.folding import fold_heading
from search.addresses import address, encoded, path, with_parameters
from search.engine.base import Filter
from search.facets import FACETS, LACKED, SHOWN, Chosen, labels, value_label
from search.histogram import histogram


class Panel:
    """The facets of one page of results, as its template shows them. `page` is the view that its addresses lead to."""

    page = "results"

    def __init__(self, data: QueryDict, chosen: Chosen, counts: Mapping[str, Mapping[int | str, int]]):
        self.data = data
        # The address of the first page, to which a choice is added.
        self.present = with_parameters(path(self.page), encoded(data, "page"))
        self.chosen = chosen
        self.filters = {one.facet: one for one in chosen.filters}
        self.counts = {name: dict(values) for name, values in counts.items()}
        shown = {name: self._shown(name) for name in FACETS if name != "year" and name in self.counts}
        self.labels = labels(shown)
        self.leave_out = escape(_("not"))
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
        items: list[str] = []
        for value in self.shown[name]:
            label = self.labels[name].get(value)
            sent = (label or "") if FACETS[name].table else str(value)
            selected = fold_heading(sent) in include
            if label is None or fold_heading(sent) in exclude or (len(items) >= SHOWN and not selected):
                continue
            leaves_out = "" if selected else f"not_{name}"
            items.append(self._item(label, self.counts[name][value], (f"in_{name}", sent), selected, leaves_out))
        items += self._lacking(name, 0 if FACETS[name].table else "")
        present = sum(value not in (0, "") for value in self.counts[name])
        return (
            {
                "name": name,
                "title": FACETS[name].title,
                "kind": "values",
                "list": mark_safe("".join(items)),  # noqa: S308 - each is escaped
                "more_url": self._more_url(name) if present > SHOWN else "",
            }
            if items
            else None
        )

    def _lacking(self, name: str, value: int | str) -> list[str]:
        """Return the item for records that lack a facet, which are counted under this value; none if there are none."""
        one = self.filters.get(name, Filter(name))
        count = self.counts[name].get(value, 0) if name in LACKED else 0
        if not (count or one.missing):
            return []
        leaves_out = "" if one.missing or one.without else "has"
        return [self._item(_("none given"), count, ("missing", name), one.missing, leaves_out)]

    def _item(self, label: str, count: int, sent: tuple[str, str], selected: bool, leaves_out: str) -> str:
        """Return a value as an item of its list; `leaves_out` is the parameter that does so ("": it is chosen)."""
        name, value = sent
        label = escape(label)
        box = f'<input type="checkbox" name="{name}" value="{escape(value)}"{" checked" if selected else ""}>'
        shown = f'<label>{box}<span>{label}</span> <span class="count">{count:,}</span></label>'
        if not leaves_out:
            return f"<li>{shown}</li>"
        url = escape(with_parameters(self.present, f"{leaves_out}={quote_plus(value)}"))
        return (
            f'<li>{shown} <a href="{url}" rel="nofollow">{self.leave_out}<span class="unseen"> {label}</span></a></li>'
        )

    def _years(self) -> dict[str, Any] | None:
        counts = {int(year): count for year, count in self.counts["year"].items() if int(year) > 0}
        lacking = self._lacking("year", -1)
        if not (counts or lacking) and "year" not in self.filters:
            return None
        return {
            "name": "year",
            "title": FACETS["year"].title,
            "kind": "years",
            "from_name": "year_from",
            "to_name": "year_to",
            "from_value": self.chosen.year_from,
            "to_value": self.chosen.year_to,
            # A single bar says nothing that the list of records does not.
            "list": mark_safe("".join(lacking)),  # noqa: S308 - its values are our own
            "histogram": histogram(counts if len(counts) > 1 else {}, self._year_url),
        }

    def _year_url(self, first: int, last: int) -> str:
        return with_parameters(self.without_years, f"year_from={first}&year_to={last}")

    @functools.cached_property
    def without_years(self) -> str:
        return with_parameters(path(self.page), encoded(self.data, "page", "year_from", "year_to"))

    def _more_url(self, name: str) -> str:
        return with_parameters(path("facet", name), encoded(self.data, "page"))

    def chips(self) -> list[dict[str, Any]]:
        """Return what was chosen, each with the address that takes it off."""
        return [chip for one in self.filters.values() for chip in self._chips(one)]

    def _chips(self, one: Filter) -> Iterator[dict[str, Any]]:
        title = FACETS[one.facet].title
        for value in one.include:
            label = value_label(one.facet, value)
            yield {"label": title, "value": label, "remove_url": self._off(one.facet, "in", value)}
        for value in one.exclude:
            not_this = _("not %(value)s") % {"value": value_label(one.facet, value)}
            yield {"label": title, "value": not_this, "remove_url": self._off(one.facet, "not", value)}
        for parameter, chosen, label in (
            ("missing", one.missing, _("none given")),
            ("has", one.without, _("given")),
        ):
            if chosen:
                changed = _without(self.data, parameter, one.facet)
                yield {"label": title, "value": label, "remove_url": address(self.page, changed)}

    def _off(self, facet: str, choice: str, value: str) -> str:
        changed = _without(self.data, f"{choice}_{facet}", value)
        if facet == "year" and value not in self.data.getlist("in_year"):
            changed.pop("year_from", None)
            changed.pop("year_to", None)
        return address(self.page, changed)

    def kept_inputs(self) -> list[tuple[str, str]]:
        """Return what the form of the facets must send along: all parameters that it has no input for."""
        own = {"page", "missing", "year_from", "year_to", *(f"in_{name}" for name in FACETS if name != "year")}
        return [(name, value) for name, values in self.data.lists() for value in values if name not in own and value]


def _without(data: QueryDict, name: str, value: str) -> QueryDict:
    """Return the parameters of the first page without one value."""
    changed = data.copy()
    changed.pop("page", None)
    changed.setlist(name, [kept for kept in data.getlist(name) if kept.strip() != value])
    return changed
