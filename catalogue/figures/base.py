"""What a figure is: rows of numbers under a title, each leading to what it counts.

A provider is a function without arguments that returns some; settings.FIGURES names all of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Row:
    """One line of a figure: a number in each of its series. `url` leads to what the first of them counts."""

    label: str
    counts: tuple[int, ...]
    url: str = ""


@dataclass(frozen=True)
class Figure:
    """`name` is its part of addresses. In time, rows follow each other and are drawn side by side."""

    name: str
    title: str
    label: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    is_in_time: bool = False
    note: str = ""


def list_url(**filters: object) -> str:
    """Return the address of the list of records at the desk with these filters."""
    return f"{reverse('admin:catalogue_record_changelist')}?{urlencode(filters)}"


def ranked(
    counts: Iterable[tuple[str, int, str]], most: int, nameless: tuple[str, str] | None = None
) -> tuple[Row, ...]:
    """Return the highest of counts (label, count, address) as rows, what is left of them in one row, and last those
    without a label, for which `nameless` has a label and an address.
    """
    known = sorted((one for one in counts if one[0] and one[1]), key=lambda one: (-one[1], one[0]))
    rows = [Row(label, (count,), url) for label, count, url in known[:most]]
    if rest := sum(count for _label, count, _url in known[most:]):
        rows.append(Row(_("%(n)d others") % {"n": len(known) - most}, (rest,)))
    without = sum(count for label, count, _url in counts if not label)
    if nameless and without:
        rows.append(Row(nameless[0], (without,), nameless[1]))
    return tuple(rows)


def months(first: date, last: date) -> list[date]:
    """Return the first day of each month from that of one day to that of another."""
    found = [first.replace(day=1)]
    while (following := (found[-1] + timedelta(days=31)).replace(day=1)) <= last:
        found.append(following)
    return found


def month_name(month: date) -> str:
    return formats.date_format(month, "YEAR_MONTH_FORMAT")


def in_time(
    counts: Mapping[date, tuple[int, ...]], today: date, most: int, width: int
) -> list[tuple[date, tuple[int, ...]]]:
    """Return the counts of each of the last months, of a year at least, those in which nothing was counted too."""
    if not counts:
        return []
    nothing = (0,) * width
    first = min(min(counts), today.replace(day=1) - timedelta(days=335))
    return [(month, counts.get(month, nothing)) for month in months(first, today)[-most:]]
