"""The undo of many records at the desk: asked for, done by the worker, its progress shown meanwhile."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.admin.importing.pace import Pace
from catalogue.jobs import tasks
from catalogue.jobs.models import LargeUndo
from catalogue.models import ChangeSet

# So many records are undone while somebody waits; more are left to the worker.
AT_ONCE = 2_000


def is_large(change_set: ChangeSet) -> bool:
    return change_set.changes.order_by()[AT_ONCE : AT_ONCE + 1].exists()


def ask(request: HttpRequest, change_set: ChangeSet, reason: str) -> HttpResponse:
    """Leave the undo to the worker, unless it has it already, and lead to where its progress is shown."""
    item = find(change_set)
    if item is None or not item.is_busy or item.is_silent:
        tasks.ask_undo(change_set, request.user, reason)
    return HttpResponseRedirect(reverse("admin:catalogue_changeset_undo", args=[change_set.pk]))


def find(change_set: ChangeSet) -> LargeUndo | None:
    return LargeUndo.objects.filter(change_set=change_set).first()


def shown(desk: ModelAdmin, request: HttpRequest, item: LargeUndo) -> HttpResponse | None:
    """Return the page of an undo that is under way, or lead to what it did; None where it came to nothing."""
    if item.result_id:
        messages.success(request, item.told)
        return HttpResponseRedirect(reverse("admin:catalogue_changeset_change", args=[item.result_id]))
    if not item.is_busy:
        return None
    context: dict[str, Any] = {
        **desk.admin_site.each_context(request),
        "title": _("Undo %(step)s") % {"step": item.change_set},
        "opts": desk.opts,
        "change_set": item.change_set,
        "undo": item,
        "pace": pace(item),
        "may_ask_again": item.is_silent,
    }
    return TemplateResponse(request, "desk/undo_progress.html", context)


def pace(item: LargeUndo) -> Pace:
    if item.is_busy and not item.done and not tasks.has_worker():
        sentence = _("No worker is running. “make run” brings one along; beside another server, run “manage.py work”.")
        return Pace(True, sentence, 0)
    sentence = ngettext("%(done)s of %(n)s record.", "%(done)s of %(n)s records.", item.total)
    values = {"done": f"{item.done:,}", "n": f"{item.total:,}"}
    return Pace(item.is_busy, sentence % values, item.percent)
