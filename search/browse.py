"""The catalogue from A to Z: its authors, keywords, countries, years and shelf numbers, each with its search.

A page goes on after the last entry of the one before (`?after=`), so that it stays whole while records arrive. Other
forms stand among the headings and say where to look. Counts come from the engine, of published records alone.
"""

import functools
import unicodedata
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue import codes
from catalogue.folding import FILING_SQL, filing_key
from catalogue.models import Record
from catalogue.row_numbers import row_number
from search.addresses import heading_url, records_url
from search.engine.base import Request
from search.filters import BoxField
from search.index import catalogue
from search.nodes import Heading, Or

ON_A_PAGE = 100
MOST_VALUES = 200_000
LETTERS_KEPT_SECONDS = 60
MOST_LETTERS = 5_000
LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
# Unicode's names for the scripts of letters, and those that readers know.
SCRIPTS = {
    "ARABIC": _("Arabic"),
    "ARMENIAN": _("Armenian"),
    "BENGALI": _("Bengali"),
    "CJK": _("Chinese and Japanese"),
    "CYRILLIC": _("Cyrillic"),
    "DEVANAGARI": _("Devanagari"),
    "ETHIOPIC": _("Ethiopic"),
    "GEORGIAN": _("Georgian"),
    "GREEK": _("Greek"),
    "HANGUL": _("Korean"),
    "HEBREW": _("Hebrew"),
    "HIRAGANA": _("Chinese and Japanese"),
    "KATAKANA": _("Chinese and Japanese"),
    "KHMER": _("Khmer"),
    "LAO": _("Lao"),
    "MYANMAR": _("Burmese"),
    "TAMIL": _("Tamil"),
    "THAI": _("Thai"),
}
OTHER_LETTERS = _("Other letters")


@dataclass(frozen=True)
class Shelf:
    """One way to look through the catalogue. `field` is what its entries search."""

    slug: str
    title: str | Promise
    field: str
    table: str = ""
    # How its headings are joined to records.
    links: str = ""


_LINKED = "catalogue_record{0} AS link JOIN catalogue_record AS record ON record.id = link.record_id WHERE link.{0}_id"
_OF_COUNTRY = "catalogue_record AS record WHERE record.country_id"
SHELVES = {
    shelf.slug: shelf
    for shelf in (
        Shelf("authors", _("Authors"), "author", "catalogue_author", _LINKED.format("author")),
        Shelf("keywords", _("Keywords"), "keyword", "catalogue_keyword", _LINKED.format("keyword")),
        Shelf(
            "countries",
            _("Countries"),
            "country",
            "catalogue_country",
            "catalogue_record AS record WHERE record.country_id",
        ),
        Shelf("years", _("Years"), "year"),
        Shelf("shelf-numbers", _("Shelf numbers"), "shelf_number"),
    )
}


class PageForm(forms.Form):
    """Where a page begins: `after` an entry, or `at` a letter."""

    after = BoxField(required=False)
    at = BoxField(required=False)

    def start(self) -> tuple[str, str]:
        """Return how to compare, and with what."""
        values = self.cleaned_data if self.is_valid() else {}
        after, at = (str(values.get(name, ""))[:300] for name in ("after", "at"))
        return (">", after) if after else (">=", at)


def list_url(field: str) -> str:
    """Return the address of the list of a field's values; "" where there is none."""
    return next((_url(shelf) for shelf in SHELVES.values() if shelf.field == field), "")


def overview() -> dict[str, Any]:
    lists = [{"title": shelf.title, "url": reverse("browse_list", args=[shelf.slug])} for shelf in SHELVES.values()]
    return {"title": _("Browse"), "lists": lists}


def context(shelf: Shelf, form: PageForm) -> dict[str, Any]:
    comparison, start = form.start()
    page: dict[str, Any] = {"title": shelf.title, "shelf": shelf, "start_url": _url(shelf) if start else ""}
    if shelf.table:
        return page | {"letters": _letters(shelf)} | _headings(shelf, comparison, start)
    return page | (_years() if shelf.field == "year" else _shelf_numbers(shelf, comparison, start))


def _url(shelf: Shelf, **parameters: str) -> str:
    address = reverse("browse_list", args=[shelf.slug])
    return f"{address}?{urlencode(parameters)}" if parameters else address


def _headings(shelf: Shelf, comparison: str, start: str) -> dict[str, Any]:
    rows = _heading_rows(shelf, comparison, start)
    shown = rows[:ON_A_PAGE]
    counts = _counts(shelf.field, [(number, heading) for _fold, _form, number, heading in shown])
    entries = [
        {
            "label": form or heading,
            "see": heading if form else "",
            "url": records_url(shelf.field, heading),
            "count": counts[number],
        }
        for _fold, form, number, heading in shown
        if counts.get(number)
    ]
    next_url = _url(shelf, after=shown[-1][0]) if len(rows) > ON_A_PAGE else ""
    return {"entries": entries, "next_url": next_url}


def _heading_rows(shelf: Shelf, comparison: str, start: str) -> list[tuple[str, str, int, str]]:
    """Return headings and other forms in their order, one more than a page holds."""
    table, limit = shelf.table, ON_A_PAGE + 1
    places: list[Any] = [filing_key(start), filing_key(start), start, limit]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            (SELECT {_filing(table)}, {table}.fold, '', id, heading FROM {table}
             WHERE {_later(table, comparison)} AND {_shown(shelf)} ORDER BY 1, 2 LIMIT %s)
            UNION ALL
            (SELECT {_filing("other")}, other.fold, other.form, other.authority_id, {table}.heading
             FROM {table}variant AS other JOIN {table} ON {table}.id = other.authority_id
             WHERE {_later("other", comparison)} AND {_shown(shelf)} ORDER BY 1, 2 LIMIT %s)
            ORDER BY 1, 2, 3 LIMIT %s
            """,  # noqa: S608 - our own names
            [*places, *places, limit],
        )
        return [row[1:] for row in cursor.fetchall()]


def _filing(table: str) -> str:
    return FILING_SQL.format(column=f"{table}.fold")


def _later(table: str, comparison: str) -> str:
    """Return the condition, in SQL, that a heading comes later: by its key, which is indexed, and then by its fold."""
    key = _filing(table)
    return f"{key} >= %s AND ({key} > %s OR {table}.fold {comparison} %s)"


def _shown(shelf: Shelf) -> str:
    """Return the condition, in SQL, that a heading is that of a published record."""
    return f"EXISTS (SELECT FROM {shelf.links} = {shelf.table}.id AND record.status = 'published')"  # noqa: S608


def _counts(field: str, headings: list[tuple[int, str]]) -> dict[int | str, int]:
    """Return how many published records each heading has, in one search."""
    wanted = tuple(Heading(field, heading) for heading in dict.fromkeys(heading for _, heading in headings))
    if not wanted:
        return {}
    return dict(catalogue().find(Request(Or(wanted), facets={field: MOST_VALUES}, limit=1)).answer.facets[field])


def _years() -> dict[str, Any]:
    counts = catalogue().find(Request(facets={"year": 3_000}, limit=1)).answer.facets["year"]
    years = sorted((int(year) for year in counts if int(year) > 0), reverse=True)
    return {
        "entries": [
            {"label": str(year), "url": heading_url("year", str(year)), "count": counts[year]} for year in years
        ]
    }


def _shelf_numbers(shelf: Shelf, comparison: str, start: str) -> dict[str, Any]:
    record, _colon, number = start.partition(":")
    after = row_number(record)
    later = Q(shelf_number__gt=number) | Q(shelf_number=number, pk__gt=after)
    if comparison == ">=":
        later = Q(shelf_number__gte=start)
    rows = list(
        Record.objects.filter(later, status=codes.PUBLISHED)
        .exclude(shelf_number="")
        .order_by("shelf_number", "pk")[: ON_A_PAGE + 1]
        .values_list("shelf_number", "pk", "title")
    )
    shown = rows[:ON_A_PAGE]
    entries = [
        {"label": place, "title": title, "url": reverse("record", args=[record])} for place, record, title in shown
    ]
    next_url = _url(shelf, after=f"{shown[-1][1]}:{shown[-1][0]}") if len(rows) > ON_A_PAGE else ""
    return {"entries": entries, "next_url": next_url}


def _letters(shelf: Shelf) -> list[dict[str, Any]]:
    return [{"label": label, "url": _url(shelf, at=first)} for label, first in _known_letters(shelf.slug, _minute())]


def _minute() -> int:
    return int(monotonic() // LETTERS_KEPT_SECONDS)


@functools.lru_cache(maxsize=16)
def _known_letters(slug: str, minute: int) -> tuple[tuple[str | Promise, str], ...]:
    """Return the letters that headings of published records begin with, each with the first of its group; looked up
    once a minute.
    """
    shelf = SHELVES[slug]
    table = shelf.table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT left({_filing(table)}, 1) FROM {table} WHERE {_shown(shelf)} ORDER BY 1 LIMIT {MOST_LETTERS}
            """  # noqa: S608 - our own names
        )
        first = [row[0] for row in cursor.fetchall()]
    groups: dict[str | Promise, str] = {}
    for letter in first:
        groups.setdefault(group_of(letter), letter)
    return tuple(groups.items())


def group_of(letter: str) -> str | Promise:
    """Return under which sign the first letter of a key stands: itself if it is Latin, else all of its script."""
    if letter.isdecimal():
        return "0–9"
    if letter in LATIN:
        return letter.upper()
    if letter.isalpha():
        return SCRIPTS.get(unicodedata.name(letter, "OTHER").split()[0].split("-")[0], OTHER_LETTERS)
    return "#"


def neighbours(record: Record) -> dict[str, dict[str, str]]:
    """Return the published records before and after one on the shelf, in one query; none where it has no number."""
    if not record.shelf_number:
        return {}
    published = Record.objects.filter(status=codes.PUBLISHED).exclude(shelf_number="")
    place, pk = record.shelf_number, record.pk
    before = published.filter(Q(shelf_number__lt=place) | Q(shelf_number=place, pk__lt=pk))
    after = published.filter(Q(shelf_number__gt=place) | Q(shelf_number=place, pk__gt=pk))
    # The database says which is which: it may have an order of letters of its own.
    sides = (
        _nearest(before.order_by("-shelf_number", "-pk"), "before"),
        _nearest(after.order_by("shelf_number", "pk"), "after"),
    )
    return {
        side: {"title": title, "shelf_number": place, "url": reverse("record", args=[pk])}
        for side, pk, title, place in sides[0].union(sides[1], all=True)
    }


def _nearest(records: QuerySet[Record], side: str) -> QuerySet[Any, Any]:
    return records.annotate(side=Value(side)).values_list("side", "pk", "title", "shelf_number")[:1]
