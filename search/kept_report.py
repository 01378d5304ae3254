"""The report on a kept search after PRISMA-S: items 1, 8, 9, 12 and 13, as text to append or as a table."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue import codes
from catalogue.formats.cells import defuse
from catalogue.models import Record, RecordAuthor
from search import kept
from search.engine.base import Sort
from search.filters import SORTS
from search.models import KeptSearch
from search.permanent import public_url

CONTENT_TYPES = {"txt": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8"}
PRISMA_S = "https://doi.org/10.1186/s13643-020-01542-z"
BATCH = 1_000


@dataclass(frozen=True)
class Item:
    """One item of the report: its number in PRISMA-S ("" for what that does not number), and named values."""

    number: str
    title: str
    values: tuple[tuple[str, str], ...]


def moment(one: KeptSearch) -> str:
    """Return when a search was kept: date, time and zone, as the library's clock showed it."""
    local = one.made.astimezone(ZoneInfo(one.zone))
    when, offset, name = f"{local:%Y-%m-%d %H:%M:%S}", f"UTC{local.isoformat()[-6:]}", local.tzname() or ""
    if name == "UTC":
        return f"{when} UTC"
    # Many zones have no short name but their distance, which is said anyway.
    return f"{when} {one.zone} ({name}, {offset})" if name.isalpha() else f"{when} {one.zone} ({offset})"


def items(one: KeptSearch, changes: kept.Changes, request: HttpRequest) -> list[Item]:
    address = public_url(request, reverse("kept", args=[one.code]))
    asked = public_url(request, f"{reverse('results')}?{one.parameters}")
    database = ((_("Database"), one.library), (_("Address"), public_url(request, "/")))
    strategy = [*map(_pair, one.boxes)] or [(_("Any field"), _("(nothing: every record)"))]
    if one.strategy:
        strategy.append((_("Searched as"), one.strategy))
    strategy.append((_("Address of the search"), asked))
    strategy += [(_("Note"), str(note)) for note in one.notes]
    limits = [*map(_pair, one.limits)] or [(_("Limits"), _("none"))]
    found = (
        (_("Records found"), str(one.count)),
        (_("Records in the database"), str(one.collection)),
        (_("Order"), str(SORTS[Sort(one.sort)])),
        (_("Revision of the database"), _revision(one)),
        (_("Software"), f"Greyshelf {one.version}"),
    )
    return [
        Item("1", _("Database name"), database),
        Item("8", _("Full search strategy, as run"), tuple(strategy)),
        Item("9", _("Limits and restrictions"), tuple(limits)),
        Item("12", _("Search updates"), tuple(_updates(one, changes))),
        Item("13", _("Date and time of the search"), ((_("Run"), moment(one)),)),
        Item("", _("Results"), found),
        Item("", _("Kept at"), ((_("Permanent address"), address),)),
    ]


def _pair(pair: list[str]) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


def _revision(one: KeptSearch) -> str:
    changed = f"{one.last_change:%Y-%m-%d %H:%M:%S} UTC" if one.last_change else _("never")
    return _("change set %(number)s; last change %(when)s") % {"number": one.revision or 0, "when": changed}


def _updates(one: KeptSearch, changes: kept.Changes) -> Iterator[tuple[str, str]]:
    runs = kept.runs_of(one)
    for number, run in enumerate(runs, 1):
        values = {"number": number, "code": run.code, "count": run.count, "when": moment(run)}
        sentence = ngettext(
            "%(number)d, %(code)s: %(count)d record, %(when)s",
            "%(number)d, %(code)s: %(count)d records, %(when)s",
            run.count,
        )
        yield _("Run"), sentence % values
    if len(runs) == 1:
        yield _("Updates"), _("none was kept")
    values = {name: len(numbers) for name, numbers in changes.kinds().items()}
    sentence = ngettext(
        "%(count)d record found; %(new)d new, %(changed)d changed, %(gone)d gone since this run",
        "%(count)d records found; %(new)d new, %(changed)d changed, %(gone)d gone since this run",
        changes.count,
    )
    yield _("At the time of this report"), sentence % {**values, "count": changes.count}


def write(items: Iterable[Item], kind: str) -> str:
    return _table(items) if kind == "csv" else _text(items)


def _text(items: Iterable[Item]) -> str:
    lines = [_("Search report after PRISMA-S (Rethlefsen et al. 2021)"), PRISMA_S]
    for item in items:
        heading = _("Item %(number)s. %(title)s") % {"number": item.number, "title": item.title}
        lines += ["", heading if item.number else item.title]
        lines += [f"   {name}: {value}" for name, value in item.values]
    return "\n".join(lines) + "\n"


def _table(items: Iterable[Item]) -> str:
    head = [_("Item"), _("Title"), _("Name"), _("Value")]
    rows = ([item.number, item.title, name, value] for item in items for name, value in item.values)
    return table([head, *rows])


def table(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as CSV in which no cell is a formula."""
    written = io.StringIO()
    csv.writer(written).writerows([defuse(cell) for cell in row] for row in rows)
    return written.getvalue()


def download(text: str, kind: str, name: str) -> HttpResponse:
    # Spreadsheets read UTF-8 only where a mark says so.
    response = HttpResponse(("\ufeff" if kind == "csv" else "") + text, content_type=CONTENT_TYPES[kind])
    response.headers["Content-Disposition"] = f'{"attachment" if kind == "csv" else "inline"}; filename="{name}.{kind}"'
    return response


def described(numbers: Iterable[int], gone: bool) -> list[dict[str, Any]]:
    """Return what the public may see of records that are new, changed or gone."""
    first = RecordAuthor.objects.filter(record=OuterRef("pk"), position=0).values("author__heading")
    found = Record.objects.filter(pk__in=numbers).annotate(author=Subquery(first))
    rows = {row["pk"]: row for row in found.values("pk", "title", "author", "year", "status")}
    return [_describe(number, rows.get(number), gone) for number in numbers]


def _describe(number: int, row: Mapping[str, Any] | None, gone: bool) -> dict[str, Any]:
    status = row["status"] if row else ""
    public = row if row and status == codes.PUBLISHED else {}
    reasons = {
        codes.PUBLISHED: _("no longer found by this search"),
        codes.WITHDRAWN: _("withdrawn"),
    }
    return {
        "number": number,
        "title": public.get("title", ""),
        "author": public.get("author") or "",
        "year": str(public.get("year") or ""),
        "reason": reasons.get(status, _("no longer public")) if gone else "",
        "url": reverse("record", args=[number]) if status in reasons else "",
    }


def changes_download(changes: kept.Changes, request: HttpRequest, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_changes_rows(changes, request), content_type=CONTENT_TYPES["csv"])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _changes_rows(changes: kept.Changes, request: HttpRequest) -> Iterator[str]:
    head = [_("Change"), _("Record"), _("Title"), _("First author"), _("Year"), _("Reason"), _("Address")]
    yield "\ufeff" + table([head])
    labels = {"new": _("new"), "changed": _("changed"), "gone": _("gone")}
    for kind, numbers in changes.kinds().items():
        for first in range(0, len(numbers), BATCH):
            rows = described(numbers[first : first + BATCH], kind == "gone")
            yield table(_changes_row(labels[kind], one, request) for one in rows)


def _changes_row(label: str, one: Mapping[str, Any], request: HttpRequest) -> list[str]:
    # The title of a record that is no longer public stays private; its place says why it is not there.
    title = one["title"] or f"({one['reason']})"
    address = public_url(request, one["url"]) if one["url"] else ""
    return [label, str(one["number"]), title, one["author"], one["year"], one["reason"], address]
