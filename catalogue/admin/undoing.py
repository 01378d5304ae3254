"""Undoes a change set at the desk: what its page offers, and the doing."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue import changes, codes
from catalogue.models import ChangeSet

# A larger change set, like an import, is undone by the queue (see the page of the import).
MOST_UNDONE = 1_000
MOST_NAMED = 50


def may_undo(request: HttpRequest, change_set: ChangeSet) -> bool:
    """Tell whether the account may undo a change set here, and whether it is small enough to be undone at once."""
    user: Any = request.user
    right = "catalogue.add_import" if change_set.kind == codes.IMPORT else "catalogue.change_record"
    if not user.has_perm(right) or ChangeSet.objects.filter(undoes=change_set).exists():
        return False
    return change_set.changes.order_by()[: MOST_UNDONE + 1].count() <= MOST_UNDONE


def context(request: HttpRequest, change_set: ChangeSet) -> dict[str, Any]:
    """Return what the page of a change set says of undoing it."""
    undone_by = ChangeSet.objects.filter(undoes=change_set).first()
    return {"undone_by": undone_by, "may_undo": may_undo(request, change_set)}


def undo(desk: ModelAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Put the records of a change set back, as far as nobody has changed them since."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    change_set = desk.get_object(request, str(number))
    if change_set is None:
        raise Http404
    if not may_undo(request, change_set):
        raise PermissionDenied
    try:
        done = changes.undo(change_set, request.user)
    except ValueError as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(_page_of_set(number))
    _tell(request, done)
    return HttpResponseRedirect(_page_of_set(done.change_set.pk))


def _page_of_set(number: int) -> str:
    return reverse("admin:catalogue_changeset_change", args=[number])


def _tell(request: HttpRequest, done: changes.Undone) -> None:
    count = len(done.restored)
    sentence = ngettext("%(count)d record was put back.", "%(count)d records were put back.", count)
    messages.success(request, sentence % {"count": count})
    if done.changed_since:
        sentence = _("Left alone, because they were changed since: %(numbers)s.")
        messages.warning(request, sentence % {"numbers": ", ".join(map(str, done.changed_since[:MOST_NAMED]))})
