"""One import from its columns to its undoing: one address, which shows the step where the import stands."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalogue.admin.importing import columns, report, steps
from catalogue.admin.importing.option_form import OptionForm
from catalogue.admin.importing.pace import pace
from catalogue.admin.importing.rights import importers_only, own
from catalogue.formats import FORMATS
from catalogue.jobs import uploads
from catalogue.jobs.models import LONGEST_NAME, Import, Mapping
from catalogue.jobs.options import Options

MOST_MAPPINGS = 200
# The formats of which a file has several tables.
SHEETED = ("xlsx", "ods")
# The formats that have authors as plain text, where people may be written straight.
NAMED = ("csv", "tsv", "xlsx", "ods", "labelled", "oai_dc", "zip", "gzip")
State = Import.State
TEMPLATES = {
    State.UPLOADING: "desk/import_unfinished.html",
    State.READY: "desk/import_options.html",
    State.WAITING: "desk/import_progress.html",
    State.RUNNING: "desk/import_progress.html",
    State.TRIED: "desk/import_report.html",
    State.DONE: "desk/import_report.html",
    State.UNDONE: "desk/import_report.html",
}


@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: UUID) -> HttpResponse:
    item = own(request, number)
    if request.method != "POST":
        return page(request, item)
    action = request.POST.get("action", "")
    if action in steps.OF_THE_FORM:
        return _form_sent(request, item, action)
    sentence = steps.take(item, action)
    if sentence:
        messages.error(request, sentence)
    return _back(item if Import.objects.filter(pk=item.pk).exists() else None)


def page(request: HttpRequest, item: Import, form: OptionForm | None = None) -> HttpResponse:
    state = State(item.state)
    context = {
        **admin.site.each_context(request),
        "title": item.name,
        "import": item,
        "step": steps.place(item),
        "steps": steps.NAMES,
        "options": Options.from_dict(item.options),
    }
    if state == State.READY:
        context |= _options(item, form)
    elif item.is_busy:
        context["pace"] = pace(item)
    elif state != State.UPLOADING:
        context |= {"report": report.shown(item.report), "has_refused": _refused_file(item) is not None}
    return render(request, TEMPLATES[state], context, status=422 if form else 200)


def _options(item: Import, form: OptionForm | None) -> dict[str, Any]:
    options = Options.from_dict(item.options)
    if form is None:
        form = OptionForm(columns.preview(item, options), options)
    known = FORMATS.get(options.format)
    return {
        "form": form,
        "preview": form.preview,
        "format_label": known.label if known else "",
        "sheeted": SHEETED,
        "named": NAMED,
        "mappings": Mapping.objects.order_by("name")[:MOST_MAPPINGS],
        "longest_name": LONGEST_NAME,
    }


def _back(item: Import | None) -> HttpResponse:
    address = reverse("admin:import", args=[item.pk]) if item else reverse("admin:imports")
    return HttpResponseRedirect(address)


def _form_sent(request: HttpRequest, item: Import, action: str) -> HttpResponse:
    """Keep what was chosen, and go on with it where it is asked for."""
    if item.state != State.READY:
        messages.error(request, _("This cannot be done now: the import has gone on meanwhile."))
        return _back(item)
    options = Options.from_dict(item.options)
    form = OptionForm(columns.preview(item, options), options, request.POST)
    if not form.is_valid():
        return page(request, item, form)
    chosen = form.chosen()
    sentence, kind = steps.choose(item, action, chosen, form, request.POST)
    if sentence:
        messages.add_message(request, kind, sentence)
    return _back(item)


@importers_only
@require_safe
def progress(request: HttpRequest, number: UUID) -> JsonResponse:
    """Answer how far it is: asked each second by the page."""
    item = own(request, number)
    return JsonResponse(pace(item).to_dict() if item.is_busy else {"is_busy": False})


@importers_only
@require_safe
def refused(request: HttpRequest, number: UUID) -> FileResponse:
    """Send the rows that were refused, as they were read, with what is wrong with each: to be corrected and sent in."""
    item = own(request, number)
    file = _refused_file(item)
    if file is None:
        raise Http404
    name = f"{item.name.rpartition('.')[0] or item.name} refused{file.suffix}"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")


def _refused_file(item: Import) -> Any:
    files = (uploads.errors_path(item.pk, is_table) for is_table in (True, False))
    return next((file for file in files if file.exists() and file.stat().st_size), None)
