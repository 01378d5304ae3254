"""Figures of the records themselves: how many came when; their status, country, year, kind, language; what they lack.

All are counted in two readings of the table, as it costs to read it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.conf.locale import LANG_INFO
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.figures.base import Figure, Row, in_time, list_url, month_name, ranked
from catalogue.models import Country

MOST = 15
MOST_MONTHS = 120
MOST_COLUMNS = 80
COUNTED = ("status", "kind", "language", "country_id", "year", "month")

_GROUPED = """
SELECT grouping(status, kind, language, country_id, year, month), status, kind, language, country_id, year, month,
    count(*)
FROM (SELECT status, kind, language, country_id, year, date_trunc('month', created AT TIME ZONE %s)::date AS month
      FROM catalogue_record) AS record
GROUP BY GROUPING SETS ((status), (kind), (language), (country_id), (year), (month))
"""
_LACKING = """
SELECT count(*), count(*) FILTER (WHERE summary = ''), count(*) FILTER (WHERE url = ''),
    count(*) FILTER (WHERE details = ''), count(*) FILTER (WHERE shelf_number = '')
FROM catalogue_record
"""
_WITHOUT = """
SELECT (SELECT count(DISTINCT record_id) FROM catalogue_recordkeyword),
    (SELECT count(DISTINCT record_id) FROM catalogue_recordauthor)
"""


def figures() -> Iterator[Figure]:
    counts = _grouped()
    yield _growth({month: count for month, count in counts["month"].items() if month})
    yield _years({year: count for year, count in counts["year"].items() if year is not None})
    yield _lacking(counts)
    yield _named("status", _("Status"), codes.STATUSES, counts["status"], "status__exact")
    yield _named("kinds", _("Kinds of document"), codes.KINDS, counts["kind"], "kind__exact", "kind")
    yield _countries(counts["country_id"])
    yield _languages(counts["language"])


def _grouped() -> dict[str, dict[Any, int]]:
    """Return the number of records by each value of each of COUNTED."""
    found: dict[str, dict[Any, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_GROUPED, [timezone.get_current_timezone_name()])
        for grouping, *values, count in cursor.fetchall():
            # A bit for each column is set where the row is not grouped by it, the last column's being the lowest.
            place = next(place for place in range(len(COUNTED)) if not grouping >> (len(COUNTED) - 1 - place) & 1)
            found[COUNTED[place]][values[place]] = count
    return found


def _growth(counts: dict[date, int]) -> Figure:
    rows, total = [], sum(counts.values())
    listed = in_time({month: (count,) for month, count in counts.items()}, timezone.localdate(), MOST_MONTHS, 1)
    total -= sum(count for _month, (count,) in listed)
    for month, (count,) in listed:
        total += count
        rows.append(Row(month_name(month), (count, total), list_url(added=f"{month:%Y-%m}")))
    title, note = _("Growth of the collection"), _("Records that were deleted for good are not counted.")
    return Figure("growth", title, _("Month"), (_("Added"), _("In all")), tuple(rows), True, note)


def _lacking(counts: dict[str, dict[Any, int]]) -> Figure:
    with connection.cursor() as cursor:
        cursor.execute(_LACKING)
        total, summary, url, details, shelf_number = cursor.fetchone()
        cursor.execute(_WITHOUT)
        with_keyword, with_author = cursor.fetchone()
    lacking = {
        "summary": (_("Without summary"), summary),
        "keywords": (_("Without keyword"), total - with_keyword),
        "authors": (_("Without author"), total - with_author),
        "country": (_("Without country"), counts["country_id"].get(None, 0)),
        "year": (_("Without year"), counts["year"].get(None, 0)),
        "url": (_("Without link"), url),
        "language": (_("Without language"), counts["language"].get("", 0)),
        "kind": (_("Without kind of document"), counts["kind"].get("", 0)),
        "details": (_("Without details"), details),
        "shelf_number": (_("Without shelf number"), shelf_number),
    }
    rows = [
        Row(label, (count, round(100 * count / total) if total else 0), list_url(without=name))
        for name, (label, count) in lacking.items()
    ]
    return Figure("completeness", _("What records lack"), _("Lacking"), (_("Records"), _("Of 100")), tuple(rows))


def _named(
    name: str, title: str, names: dict[str, Any], counts: dict[str, int], parameter: str, lacking: str = ""
) -> Figure:
    """Return the counts of a fixed list."""
    known = [(str(names.get(code, code)), count, list_url(**{parameter: code})) for code, count in counts.items()]
    nameless = (_("none given"), list_url(without=lacking)) if lacking else None
    return Figure(name, title, title, (_("Records"),), ranked(known, len(names), nameless))


def _countries(counts: dict[int | None, int]) -> Figure:
    headings = dict(Country.objects.filter(pk__in=[one for one in counts if one]).values_list("pk", "heading"))
    known = [(headings.get(one or 0, ""), count, list_url(country=one)) for one, count in counts.items()]
    rows = ranked(known, MOST, (_("none given"), list_url(without="country")))
    return Figure("countries", _("Countries"), _("Country"), (_("Records"),), rows)


def _languages(counts: dict[str, int]) -> Figure:
    named = {code: f"{LANG_INFO[code]['name']} ({code})" for code in counts if "name" in LANG_INFO.get(code, ())}
    known = [(named.get(code, code), count, list_url(language=code)) for code, count in counts.items()]
    rows = ranked(known, MOST, (_("none given"), list_url(without="language")))
    return Figure("languages", _("Languages"), _("Language"), (_("Records"),), rows)


def _years(counts: dict[int, int]) -> Figure:
    title, label, series = _("Years of publication"), _("Year"), (_("Records"),)
    if not counts:
        return Figure("years", title, label, series, (), True)
    step = next(step for step in (1, 10, 100) if (max(counts) - min(counts)) // step < MOST_COLUMNS)
    grouped: dict[int, int] = defaultdict(int)
    for year, count in counts.items():
        grouped[year // step * step] += count
    named: Callable[[int], str] = str if step == 1 else lambda year: f"{year}-{year + step - 1}"
    span = range(min(grouped), max(grouped) + 1, step)
    rows = (Row(named(year), (grouped.get(year, 0),), list_url(year=named(year))) for year in span)
    return Figure("years", title, label, series, tuple(rows), True)
