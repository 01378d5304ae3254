"""Checks by hand: a run is asked for, and its page shows how far it is and what came of it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.admin.guards import changers_only
from catalogue.jobs.tasks import has_worker
from catalogue.linkcheck import runs, tasks
from catalogue.linkcheck.models import Link, LinkRun

# Before that, a rate says nothing.
SURE_AFTER = 5.0


def make(request: HttpRequest, scope: LinkRun.Scope, numbers: Iterable[int], refused: str) -> HttpResponse:
    """Have addresses checked, and show the page of the run; or go back with the sentence that says why not."""
    try:
        run = runs.make(scope, request.user, numbers)
    except runs.Refused as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(refused)
    tasks.ask(run)
    return HttpResponseRedirect(reverse("admin:link_run", args=[run.pk]))


@changers_only
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Have all addresses checked that are due, or all there are."""
    scope = LinkRun.Scope.ALL if request.POST.get("scope") == "all" else LinkRun.Scope.DUE
    busy = LinkRun.objects.filter(state__in=(LinkRun.State.WAITING, LinkRun.State.RUNNING), scope=scope).first()
    if busy:
        return HttpResponseRedirect(reverse("admin:link_run", args=[busy.pk]))
    return make(request, scope, (), reverse("admin:links"))


def _run(number: int) -> LinkRun:
    found = LinkRun.objects.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise Http404
    return found


@changers_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: int) -> HttpResponse:
    run = _run(number)
    if request.method == "POST":
        runs.stop(run)
        return HttpResponseRedirect(request.path)
    names = dict(Link.Status.choices)
    context = {
        **admin.site.each_context(request),
        "title": _("Check of links"),
        "run": run,
        "pace": pace(run),
        "counts": [(status, names[status], run.counts[status]) for status in names if status in run.counts],
        "links": Link.objects.filter(pk__in=run.numbers).order_by("pk")[:20] if not run.is_busy else [],
    }
    return render(request, "desk/link_run.html", context)


@changers_only
@require_safe
def progress(request: HttpRequest, number: int) -> JsonResponse:
    """Answer how far it is: asked each second by the page."""
    return JsonResponse(pace(_run(number)))


def pace(run: LinkRun) -> dict[str, Any]:
    """Return how far a run is, in words; `percent` is None where nobody can tell."""
    percent = 100 * run.done // run.total if run.total and run.state == LinkRun.State.RUNNING else None
    return {"is_busy": run.is_busy, "sentence": _sentence(run), "percent": percent, "left": _left(run)}


def _sentence(run: LinkRun) -> str:
    if run.state == LinkRun.State.WAITING:
        if not has_worker():
            return _("No worker is running. “make run” brings one along; beside another server, run “manage.py work”.")
        return _("It waits for its turn.")
    if run.state == LinkRun.State.RUNNING and run.alive and timezone.now() - run.alive > runs.SILENT:
        return _("It gives no sign of life: its worker was stopped. It is taken up again by the next one.")
    sentence = ngettext("%(done)s of %(total)s link checked.", "%(done)s of %(total)s links checked.", run.total)
    return sentence % {"done": f"{run.done:,}", "total": f"{run.total:,}"}


def _left(run: LinkRun) -> str:
    passed = (timezone.now() - run.begun).total_seconds() if run.begun else 0
    if not run.is_busy or passed < SURE_AFTER or not run.done or run.attempt > 1:
        return ""
    minutes = round(passed * (run.total - run.done) / run.done / 60)
    if minutes < 1:
        return _("Less than a minute is left.")
    return ngettext("About %(n)d minute is left.", "About %(n)d minutes are left.", minutes) % {"n": minutes}
