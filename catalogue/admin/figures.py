"""The page of figures: the numbers of all providers (settings.FIGURES), each drawn, in a table, and as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue.figures import drawing, keeping
from catalogue.figures.base import Figure, Row
from catalogue.formats.cells import defuse


@dataclass(frozen=True)
class Plot:
    """One series of a figure in time, drawn, with its highest number."""

    label: str
    highest: int
    svg: SafeString


@dataclass(frozen=True)
class Shown:
    """A figure as the page shows it: in time as plots above a table, else as a table with a bar in each line."""

    figure: Figure
    plots: tuple[Plot, ...]
    lines: tuple[tuple[Row, SafeString], ...]

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last label."""
        return self.figure.rows[0].label, self.figure.rows[-1].label


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    if not user.has_perm("catalogue.view_record"):
        raise PermissionDenied
    counted = [keeping.counted(provider, anew="again" in request.GET) for provider in settings.FIGURES]
    figures = [figure for one in counted for figure in one.figures]
    if "csv" in request.GET:
        return _file(figures, request.GET["csv"])
    context = {
        **admin.site.each_context(request),
        "title": _("Figures"),
        "figures": [_shown(figure) for figure in figures],
        "oldest": min((one.when for one in counted if one.when), default=None),
    }
    return render(request, "desk/figures.html", context)


def _shown(figure: Figure) -> Shown:
    if figure.is_in_time:
        return Shown(figure, tuple(_plots(figure)), tuple((row, SafeString()) for row in figure.rows))
    highest = max((row.counts[0] for row in figure.rows), default=0)
    return Shown(figure, (), tuple((row, drawing.bar(row.counts[0], highest)) for row in figure.rows))


def _plots(figure: Figure) -> Iterator[Plot]:
    for place, label in enumerate(figure.series):
        counts = [row.counts[place] for row in figure.rows]
        if counts:
            yield Plot(label, max(counts), drawing.columns(counts))


def _file(figures: Iterable[Figure], name: str) -> HttpResponse:
    """Send one figure as CSV."""
    figure = next((one for one in figures if one.name == name), None)
    if figure is None:
        raise Http404
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([figure.label, *figure.series])
    lines.writerows([defuse(row.label), *row.counts] for row in figure.rows)
    headers = {"Content-Disposition": f'attachment; filename="{figure.name}.csv"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
