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
        "histogram": histogram(years, _years_url),
    }


def _years_url(first: int, last: int) -> str:
    years = str(first) if first == last else f"{first}-{last}"
    return f"{reverse('results')}?year={years}"


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
