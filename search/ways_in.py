"""The ways into the collection below the search form: newest records, countries, keywords, authors, years."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.models import Author, Country, Keyword
from search.addresses import records_url
from search.cards import read_cards
from search.engine.base import Request, Sort
from search.highlighting import Marker
from search.histogram import histogram
from search.index import find
from search.nodes import Range, range_text

NEWEST = 5
ENTRIES = 8
MOST_YEARS = 3_000
AUTHORITIES: dict[str, Any] = {"country": Country, "keyword": Keyword, "author": Author}


def context() -> dict[str, Any]:
    found = find(
        Request(facets={**dict.fromkeys(AUTHORITIES, ENTRIES), "year": MOST_YEARS}, sort=Sort.ADDED, limit=NEWEST)
    )
    years = {int(year): count for year, count in found.answer.facets["year"].items() if int(year) > 0}
    titles = {"country": _("Countries"), "keyword": _("Keywords"), "author": _("Authors")}
    return {
        "collection_size": found.answer.count,
        "newest": read_cards(found.answer.numbers, Marker({})),
        "notices": [found.behind] if found.behind else [],
        "ways_in": [
            {"title": titles[name], "entries": _entries(name, found.answer.facets[name]), "more_url": ""}
            for name in AUTHORITIES
        ],
        "histogram": _histogram(years),
    }


def _histogram(years: Mapping[int, int]) -> dict[str, Any]:
    """Return the last ten decades as bars, and all before them as one entry, unless most of the records are older: one
    record of the year 987 would make centuries of them.
    """
    first = max(years, default=0) // 10 * 10 - 90
    early = sum(count for year, count in years.items() if year < first)
    if not early or early * 2 > sum(years.values()):
        return histogram(years, _years_url)
    found = histogram({year: count for year, count in years.items() if year >= first}, _years_url)
    before = {"label": _("before %(year)d") % {"year": first}, "count": early, "url": _years_url(None, first - 1)}
    return {**found, "bars": [before, *found["bars"]]}


def _years_url(first: int | None, last: int) -> str:
    return f"{reverse('results')}?year={range_text(Range(first, last))}"


def _entries(name: str, counts: Mapping[int | str, int]) -> list[dict[str, Any]]:
    best = sorted(counts.items(), key=lambda item: -item[1])[: ENTRIES * 2]
    headings = dict(
        AUTHORITIES[name].objects.filter(pk__in=[number for number, _ in best]).values_list("pk", "heading")
    )
    entries = [
        {"label": headings[number], "count": count, "url": records_url(name, headings[number])}
        for number, count in best
        if number in headings
    ]
    return entries[:ENTRIES]
