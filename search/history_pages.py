"""The page of a reader's own searches: switched on, combined, downloaded, cleared."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from search import expansion, history, kept_report
from search.history import History, Line
from search.permanent import public_url

OPERATORS = {"and": " AND ", "or": " OR ", "not": " NOT "}


class ActionForm(forms.Form):
    action = forms.ChoiceField(choices=[(name, name) for name in ("start", "clear", "stop")])


class CombineForm(forms.Form):
    line = forms.TypedMultipleChoiceField(coerce=int)
    how = forms.ChoiceField(choices=[(name, name) for name in OPERATORS])

    def __init__(self, data: QueryDict, lines: tuple[Line, ...]) -> None:
        super().__init__(data)
        self.fields["line"].choices = [(line.number, line.number) for line in lines]  # type: ignore[attr-defined]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The list, or what it is and the button that begins one."""
    if request.method == "POST":
        return _act(request)
    kept = history.read(request)
    page = {
        "on": kept is not None,
        "lines": [_described(line) for line in kept.lines] if kept else [],
        "gone": kept.gone() if kept else 0,
        "most": history.MOST_LINES,
        "nothing_chosen": "nothing" in request.GET,
    }
    response = render(request, "search/history.html", page)
    patch_vary_headers(response, ["Cookie"])
    return response


def _described(line: Line) -> dict[str, Any]:
    asked = line.asked
    return {
        "number": line.number,
        "text": "; ".join(f"{label}: {text}" for label, text in asked.boxes) or _("every record"),
        "limits": asked.limits,
        "typed": line.typed,
        "count": line.count,
        "when": line.when,
        "url": f"{reverse('results')}?{line.parameters}",
    }


def _act(request: HttpRequest) -> HttpResponse:
    form = ActionForm(request.POST)
    response = HttpResponseRedirect(reverse("history"))
    if form.is_valid():
        action = form.cleaned_data["action"]
        if action == "stop":
            history.forget(response)
        elif action == "clear" or history.read(request) is None:
            history.write(response, History())
    return response


@never_cache
@require_safe
def combine(request: HttpRequest) -> HttpResponse:
    """Lead to the search for the chosen lines together."""
    kept = history.read(request)
    form = CombineForm(request.GET, kept.lines if kept else ())
    if not form.is_valid():
        return HttpResponseRedirect(f"{reverse('history')}?nothing=1")
    numbers = sorted(form.cleaned_data["line"])
    search = QueryDict(mutable=True)
    search["q"] = OPERATORS[form.cleaned_data["how"]].join(f"#{number}" for number in numbers)
    return HttpResponseRedirect(f"{reverse('results')}?{search.urlencode()}")


@never_cache
@require_safe
def log(request: HttpRequest, kind: str) -> HttpResponse:
    """The whole list as one search log."""
    kept = history.read(request)
    rows = [_row(line) for line in kept.lines] if kept else []
    head = [_("Number"), _("Strategy"), _("Limits"), _("Records"), _("Date and time"), _("Typed as"), _("Address")]
    if kind == "csv":
        addresses = [[*row[:-1], request.build_absolute_uri(row[-1])] for row in rows]
        text = kept_report.table([head, *addresses])
    else:
        text = "\n".join(_lines(request, rows, kept.gone() if kept else 0)) + "\n"
    response = kept_report.download(text, kind, "searches")
    patch_vary_headers(response, ["Cookie"])
    return response


def _row(line: Line) -> list[str]:
    strategy, unsaid = expansion.expression_of(QueryDict(line.parameters))
    when = f"{line.when:%Y-%m-%d %H:%M:%S} {line.when.tzname()}"
    address = f"{reverse('results')}?{line.parameters}"
    limits = "; ".join(unsaid)
    return [f"#{line.number}", strategy or _("(every record)"), limits, str(line.count), when, line.typed, address]


def _lines(request: HttpRequest, rows: list[list[str]], gone: int) -> Iterator[str]:
    yield _("Searches in %(address)s") % {"address": public_url(request, "/")}
    now = timezone.localtime()
    yield f"{now:%Y-%m-%d %H:%M:%S} {now.tzname()}"
    if gone:
        yield _("The list was full: the lines up to #%(number)d have left it.") % {"number": gone}
    for number, strategy, limits, count, when, typed, _address in rows:
        yield ""
        yield f"{number}  {strategy}"
        if typed:
            yield f"    {_('Typed as')}: {typed}"
        if limits:
            yield f"    {_('Limits')}: {limits}"
        found = ngettext("%(count)s record, %(when)s", "%(count)s records, %(when)s", int(count))
        yield "    " + found % {"count": count, "when": when}
