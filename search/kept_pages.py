"""The pages of kept searches: before keeping, the search under its short address, what changed since, its downloads."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from search import feeds, kept, kept_report, problems, results, transactions
from search.engine.base import Sort
from search.filters import SORTS
from search.index import find
from search.models import KeptSearch
from search.permanent import public_url

SHOWN = 100


def read(code: str) -> KeptSearch:
    """Return a kept search. Raises Http404."""
    code = code.lower()[:20]
    is_code = set(code) <= set(kept.ALPHABET)  # a null character would be an error of the database
    found = KeptSearch.objects.select_related("first").filter(code=code).first() if is_code else None
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """Show what would be kept; keep it when that is confirmed."""
    data = request.POST.copy() if request.method == "POST" else request.GET.copy()
    data.pop("csrfmiddlewaretoken", None)
    again = str(data.get("again", ""))
    earlier = read(again) if again else None
    if request.method == "POST":
        return _keep(request, data, earlier)
    asked = transactions.read(data)
    page = {
        "asked": asked,
        "count": find(asked.request).answer.count,
        "inputs": [(name, value) for name, values in QueryDict(asked.parameters).lists() for value in values],
        "again": earlier.code if earlier else "",
        "results_url": _results_url(asked.parameters),
    }
    return render(request, "search/keep.html", page)


def _keep(request: HttpRequest, data: QueryDict, earlier: KeptSearch | None) -> HttpResponse:
    try:
        made = kept.keep(data, earlier and (earlier.first or earlier))
    except kept.TooMany:
        sentence = _("Very many searches are being kept at the moment.")
        response = problems.problem(request, 429, _("One moment"), sentence, _("Please try again in a minute."))
        response.headers["Retry-After"] = "60"
        return response
    except kept.TooMuch:
        sentence = _("So much was kept today that there is no room for more before tomorrow.")
        advice = _("The records can be taken away as a file at any time.")
        return problems.problem(request, 429, _("No room today"), sentence, advice)
    except kept.TooLong:
        return problems.problem(request, 400, _("Too long"), TOO_LONG(), _("Ask for less in one search."))
    return HttpResponseRedirect(url(made))


def TOO_LONG() -> str:
    return _("This search is too long to be kept: its address would not work everywhere.")


def url(one: KeptSearch) -> str:
    return reverse("kept", args=[one.code])


def _results_url(parameters: str) -> str:
    return f"{reverse('results')}?{parameters}"


@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One kept search: its stamp as it was, how to run it again, and what changed since."""
    one = read(code)
    changes = kept.changes_since(one)
    page = {
        "kept": one,
        "sort_label": SORTS[Sort(one.sort)],
        "stamp": results.Stamp(one.asked, one.count, timezone.localtime(one.made)),
        "searched_as": one.strategy,
        "edit_url": f"{reverse('form')}?{one.parameters}",
        "exports": [
            {"label": _("Report (text)"), "url": reverse("kept-report", args=[one.code, "txt"])},
            {"label": _("Report (CSV)"), "url": reverse("kept-report", args=[one.code, "csv"])},
            {"label": _("Changes (CSV)"), "url": reverse("kept-changes", args=[one.code])},
        ],
        "feed_url": reverse("kept-feed", args=[one.code]),
        "results_url": _results_url(one.parameters),
        "again_url": f"{reverse('keep')}?{one.parameters}&again={one.code}",
        "permanent_url": public_url(request, url(one)),
        "runs": [{"kept": run, "url": url(run), "current": run.pk == one.pk} for run in kept.runs_of(one)],
        "now": changes.count,
        "since": _since(changes),
    }
    return render(request, "search/kept.html", page)


def _since(changes: kept.Changes) -> list[dict[str, Any]]:
    """Return the lists of what changed: how many, and the first of them."""
    titles = {
        "new": _("New: found now and not then"),
        "changed": _("Changed: found then and now"),
        "gone": _("Gone: found then and not now"),
    }
    return [
        {
            "title": titles[kind],
            "total": len(numbers),
            "records": kept_report.described(numbers[:SHOWN], kind == "gone"),
            "shown": min(len(numbers), SHOWN),
        }
        for kind, numbers in changes.kinds().items()
    ]


@require_safe
def report(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The report on a search that PRISMA-S asks for, as an appendix or as a table."""
    one = read(code)
    items = kept_report.items(one, kept.changes_since(one), request)
    return kept_report.download(kept_report.write(items, kind), kind, f"search-{one.code}")


@require_safe
def changes_table(request: HttpRequest, code: str) -> HttpResponseBase:
    """Every record that came, changed or went since, as CSV."""
    one = read(code)
    return kept_report.changes_download(kept.changes_since(one), request, f"search-{one.code}-changes")


@require_safe
def feed(request: HttpRequest, code: str) -> HttpResponse:
    """The newest records that a kept search finds now."""
    one = read(code)
    page_url = public_url(request, url(one))
    feed_url = public_url(request, reverse("kept-feed", args=[one.code]))
    about = feeds.About(one.asked, one.library, page_url, feed_url, identity=page_url, since=one.made)
    return feeds.answer(request, about, kept.request_of(one))
