"""One batch edit from its steps to its end: one address, which shows the step where it stands."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from catalogue.admin.batch import report, taking
from catalogue.admin.batch.beginning import address
from catalogue.admin.batch.pace import pace
from catalogue.admin.batch.rights import own
from catalogue.admin.batch.step_forms import DoForm, StepForm
from catalogue.admin.guards import changers_only
from catalogue.batch.models import Batch
from catalogue.jobs.doing import NotNow
from catalogue.models import Record

MOST_TITLES = 5
State = Batch.State
STEPS = (gettext_lazy("Records"), gettext_lazy("Steps"), gettext_lazy("Preview"), gettext_lazy("Done"))
TEMPLATES = {
    State.CHOOSING: "desk/batch_steps.html",
    State.WAITING: "desk/batch_progress.html",
    State.RUNNING: "desk/batch_progress.html",
    State.PREVIEWED: "desk/batch_preview.html",
    State.DONE: "desk/batch_done.html",
}
PLACES = {State.CHOOSING: 2, State.PREVIEWED: 3, State.DONE: 4}


@changers_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: UUID) -> HttpResponse:
    item = own(request, number)
    if request.method != "POST":
        return page(request, item)
    try:
        taking.take(item, request.POST)
    except taking.Wrong as wrong:
        return page(request, item, wrong.form)
    except NotNow as problem:
        messages.error(request, str(problem))
    there = Batch.objects.filter(pk=number).exists()
    return HttpResponseRedirect(address(item) if there else reverse("admin:batch"))


def page(request: HttpRequest, item: Batch, form: Any = None) -> HttpResponse:
    state = State(item.state)
    context = {
        **admin.site.each_context(request),
        "title": _("Change records: %(name)s") % {"name": item.name},
        "batch": item,
        "chosen": [step.sentence for step in item.read_steps()],
        "step": PLACES.get(state, 3 if item.work == Batch.Work.PREVIEW else 4),
        "steps": STEPS,
    }
    if state == State.CHOOSING:
        context |= {"form": form or StepForm(present=len(item.steps)), "titles": _titles(item)}
    elif item.is_busy:
        context["pace"] = pace(item)
    else:
        context |= _reported(item, form)
    return render(request, TEMPLATES[state], context, status=422 if form else 200)


def _reported(item: Batch, form: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"report": item.report, "new": report.new_headings(item.report)}
    if item.state == State.PREVIEWED:
        shown["form"] = form or DoForm(label_suffix="", initial={"run": item.run})
        shown["examples"] = report.examples(item)
    return shown


def _titles(item: Batch) -> list[Record]:
    """Return the first of the records, so that one sees what one has at hand."""
    first = Batch.objects.values_list(f"numbers__0_{MOST_TITLES}", flat=True).get(pk=item.pk)
    return list(Record.objects.filter(pk__in=first).order_by("pk").only("title"))


@changers_only
@require_safe
def progress(request: HttpRequest, number: UUID) -> JsonResponse:
    """Answer how far it is: asked each second by the page."""
    item = own(request, number)
    return JsonResponse(pace(item).to_dict() if item.is_busy else {"is_busy": False})
