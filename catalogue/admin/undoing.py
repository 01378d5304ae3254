"""The page that undoes a change set: what would be put back, and the doing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import changes, codes
from catalogue.admin import large_undoing
from catalogue.admin.heading_saving import left_out
from catalogue.authorities.merging import Refused, refuse_beside_import
from catalogue.models import Change, ChangeSet
from catalogue.people import rights

MOST_LISTED = 50


class UndoForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), help_text=gettext_lazy("For the history."), required=False, max_length=500
    )


def may_undo(request: HttpRequest, change_set: ChangeSet) -> bool:
    """Tell whether somebody may undo a change set: whoever may change all that it changed, and so much of others, and
    of an import may import.
    """
    kinds = set(change_set.heading_changes.values_list("kind", flat=True).distinct())
    is_of_records = change_set.changes.exists()
    wanted = [f"catalogue.change_{kind}" for kind in kinds]
    wanted += ["catalogue.change_record"] if is_of_records else []
    wanted += [rights.IMPORT] if change_set.kind == codes.IMPORT and is_of_records else []
    return bool(wanted) and request.user.has_perms(wanted) and rights.may_undo(request.user, change_set)


def why_not(change_set: ChangeSet) -> str:
    """Return why a change set cannot be undone here, or nothing."""
    if ChangeSet.objects.filter(undoes=change_set).exists():
        return _("This change was undone before.")
    if not change_set.heading_changes.exists() and not change_set.changes.filter(after__isnull=False).exists():
        return _("The records of this change were deleted for good. They cannot be put back.")
    return ""


def _asked(request: HttpRequest, number: int) -> ChangeSet:
    change_set = ChangeSet.objects.filter(pk=number).first()
    if change_set is None:
        raise Http404
    if not may_undo(request, change_set):
        raise PermissionDenied
    return change_set


def progress(desk: ModelAdmin, request: HttpRequest, number: int) -> JsonResponse:
    """Answer how far a large undo is: asked each second by its page."""
    item = large_undoing.find(_asked(request, number))
    return JsonResponse(large_undoing.pace(item).to_dict() if item else {"is_busy": False})


def undo(desk: ModelAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Say what undoing would do, and do it."""
    change_set = _asked(request, number)
    large = large_undoing.find(change_set)
    if large and request.method != "POST" and (page := large_undoing.shown(desk, request, large)):
        return page
    problem = why_not(change_set)
    form = UndoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not problem and form.is_valid():
        if large_undoing.is_large(change_set):
            return large_undoing.ask(request, change_set, form.cleaned_data["reason"])
        try:
            undone = _undo(change_set, request.user, form.cleaned_data["reason"])
        except (ValueError, Refused) as error:
            problem = str(error)
        except (IntegrityError, changes.Busy):
            problem = _("Somebody else, or an import, is writing one of these records. Please try again in a minute.")
        else:
            _tell(request, undone)
            return HttpResponseRedirect(reverse("admin:catalogue_changeset_change", args=[undone.change_set.pk]))
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Undo %(step)s") % {"step": change_set},
        "opts": desk.opts,
        "change_set": change_set,
        "form": form,
        "problem": problem or (large.problem if large else ""),
        **_changed_since(change_set),
        "record_total": change_set.changes.count(),
        "heading_total": change_set.heading_changes.count(),
    }
    return TemplateResponse(request, "desk/undo.html", context)


def _changed_since(change_set: ChangeSet) -> dict[str, Any]:
    """Return which records have been changed again; only those that are as the set left them are put back."""
    later = Change.objects.filter(record_number=OuterRef("record_number"), pk__gt=OuterRef("pk"))
    again = change_set.changes.filter(Exists(later)).order_by("record_number")
    return {"again": again[:MOST_LISTED], "again_total": again.count()}


def _undo(change_set: ChangeSet, user: Any, reason: str) -> changes.Undone:
    """Undo a change set; one of headings, while no import writes. Raises Refused and ValueError."""
    with transaction.atomic(), changes.without_waiting():
        if change_set.heading_changes.exists():
            refuse_beside_import()
        return changes.undo(change_set, user, reason)


def _tell(request: HttpRequest, undone: changes.Undone) -> None:
    values = {"records": len(undone.restored), "headings": undone.headings}
    messages.success(request, _("Undone. Records put back: %(records)d; headings: %(headings)d.") % values)
    if undone.headings_left:
        names = left_out(undone.headings_left)
        messages.warning(request, _("Left alone, as they have changed since: %(names)s.") % {"names": names})


def left_alone(change_set: ChangeSet) -> QuerySet[Change]:
    """Return the changes that an undo did not take back, because their records have changed since."""
    if change_set.undoes is None:
        return Change.objects.none()
    back = change_set.changes.values("record_number")
    return change_set.undoes.changes.exclude(record_number__in=back).order_by("record_number")


def context(request: HttpRequest, change_set: ChangeSet) -> dict[str, Any]:
    """Return what the page of a change set says of undoing it."""
    left = left_alone(change_set)
    undone_by = ChangeSet.objects.filter(undoes=change_set).first()
    return {
        "may_undo": undone_by is None and may_undo(request, change_set),
        "undone_by": undone_by,
        "left": left[:MOST_LISTED],
        "left_total": left.count() if change_set.undoes_id else 0,
    }
