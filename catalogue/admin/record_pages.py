"""The page of one record at the desk: its form."""

import uuid
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue import changes, codes, lookups, pasting, records, shelving, unsaved
from catalogue.admin import conflicts, documents, typing
from catalogue.admin.conflicts import Conflict, Kept
from catalogue.admin.form_values import Values, copied
from catalogue.admin.record_form import LANGUAGES, SCHEMES, RecordForms, make_forms
from catalogue.admin.record_saving import SavedBefore, StatusRefused, next_page, save
from catalogue.draft import Draft
from catalogue.linkcheck import addresses as link_addresses
from catalogue.models import Record
from catalogue.people import rights
from catalogue.row_numbers import row_number

# Of what is noticed in what was pasted, so much is said.
MOST_NOTES = 10


def edit(desk: ModelAdmin, request: HttpRequest, object_id: str | None) -> HttpResponse:
    """Show the form of a new record or of one that is there, and save what is sent."""
    record = desk.get_object(request, object_id) if object_id else None
    _check_rights(desk, request, record, is_new=object_id is None)
    if object_id and record is None and request.method != "POST":
        return not_there(request, object_id)
    kept = (conflicts.read(record.pk) if record else None) or Kept(_number(object_id))
    if request.method != "POST":
        return _form_page(desk, request, kept, make_forms(_opened(request, kept), kept.number))
    if "_look" in request.POST or "_paste" in request.POST:
        values, unread = _typed(request)
        return _form_page(desk, request, kept, make_forms(values, kept.number), unread=unread)
    forms = make_forms(Values.of(kept.draft), kept.number, request.POST)
    if not forms.is_valid():
        return _form_page(desk, request, kept, forms)
    try:
        saved = save(request, kept.number, forms)
    except SavedBefore as error:
        forms = make_forms(Values.of(kept.draft), None, _with_new_token(request))
        forms.main.add_error(None, str(error))
        return _form_page(desk, request, kept, forms)
    except (StatusRefused, IntegrityError, changes.Busy) as error:
        forms.main.add_error("status" if isinstance(error, StatusRefused) else None, _why_not_saved(error))
        return _form_page(desk, request, kept, forms)
    if isinstance(saved, Conflict):
        return _form_page(desk, request, kept, _renewed(request, kept, saved), saved)
    response = HttpResponseRedirect(next_page(desk, request, saved))
    return _saved_cookie(response, request)


def _with_new_token(request: HttpRequest) -> QueryDict:
    """Return what was sent as if it came from a form that was opened only now."""
    sent = request.POST.copy()
    sent["token"] = str(uuid.uuid4())
    return sent


def _why_not_saved(error: Exception) -> str:
    if isinstance(error, StatusRefused):
        return str(error)
    if isinstance(error, IntegrityError):
        return _("Something else was saved at the same moment. Please save once more.")
    return _("An import, or somebody else, is writing this record or one of its headings. Save again in a minute.")


def _saved_cookie(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Let the browser know which form was saved, so that it forgets what it kept of it itself (record.js)."""
    token = request.POST.get("token", "")
    if token:
        path = reverse("admin:index")
        response.set_cookie("saved_form", token, max_age=60, path=path, samesite="Strict", secure=request.is_secure())
    return response


def _check_rights(desk: ModelAdmin, request: HttpRequest, record: Record | None, is_new: bool) -> None:
    if is_new:
        allowed = desk.has_add_permission(request)
    elif request.method == "POST":
        allowed = desk.has_change_permission(request, record)
    else:
        allowed = desk.has_view_or_change_permission(request, record)
    if not allowed:
        raise PermissionDenied


def not_there(request: HttpRequest, object_id: str) -> HttpResponse:
    messages.warning(request, _("There is no record “%(number)s”.") % {"number": object_id[:20]})
    return HttpResponseRedirect(reverse("admin:catalogue_record_changelist"))


def _number(object_id: str | None) -> int | None:
    """Return the number of a record that was deleted while its form was open."""
    return row_number(object_id or "") or None


def _opened(request: HttpRequest, kept: Kept) -> Values:
    """Return what a form shows when it is opened: the record, what was typed and not saved, or a copy of another."""
    typed = unsaved.find(request.user, request.GET.get("typed", ""), kept.number)
    if typed:
        return Values.typed({**typed.values, "token": str(typed.token)})
    may_copy = not kept.number and request.user.has_perm("catalogue.view_record")
    draft = _copy(request.GET.get("copy", "")) if may_copy else kept.draft
    if not kept.number and not rights.may_give_status(request.user, codes.DRAFT, draft.status):
        draft = replace(draft, status=codes.DRAFT)
    return Values.of(draft, modified=kept.version, token=uuid.uuid4())


def _typed(request: HttpRequest) -> tuple[Values, str]:
    """Return what was typed so far, with what was pasted where nothing stood; and of that what was not understood."""
    typed = Values.typed(request.POST.dict())
    if "_paste" not in request.POST:
        return typed, ""
    text = request.POST.get("pasted", "")
    try:
        pasted = lookups.completed(pasting.read(text), lookups.web())
    except pasting.NotUnderstood as problem:
        messages.error(request, str(problem))
        return typed, text[: pasting.LONGEST]
    filled = typed.filled(pasted.draft)
    sentence = _("Filled from %(what)s where nothing stood yet. Look it over, then save.")
    messages.success(request, sentence % {"what": pasted.what})
    for note in pasted.notes[:MOST_NOTES]:
        messages.warning(request, note)
    return filled, ""


def _copy(text: str) -> Draft:
    number = _number(text[:18])
    return copied(records.read_drafts([number])[number]) if number and Record.objects.filter(pk=number) else Draft()


def _renewed(request: HttpRequest, kept: Kept, conflict: Conflict) -> RecordForms:
    """Return the form with the version of now: who saves again has seen what the other one did."""
    if conflict.draft is None:
        return make_forms(Values.of(kept.draft), kept.number, request.POST)
    beside = {"reason": request.POST.get("reason", ""), "token": request.POST.get("token", "")}
    return make_forms(Values.of(conflict.draft, modified=conflict.version, **beside), kept.number)


def _form_page(
    desk: ModelAdmin,
    request: HttpRequest,
    kept: Kept,
    forms: RecordForms,
    conflict: Conflict | None = None,
    unread: str = "",
) -> HttpResponse:
    may_save = desk.has_change_permission(request) if kept.number else desk.has_add_permission(request)
    page = {
        **desk.admin_site.each_context(request),
        "title": kept.draft.title or (_("Record %(number)d") % {"number": kept.number} if kept.number else ""),
        "opts": desk.opts,
        "number": kept.number,
        "kept": kept,
        "forms": forms,
        "form": forms.main,
        "conflict": conflict,
        "has_errors": any(part.is_bound and not part.is_valid() for part in forms.parts),
        "may_save": may_save,
        "unread": unread,
        "may_add": desk.has_add_permission(request),
        "may_delete": bool(kept.version) and desk.has_delete_permission(request),
        "languages": LANGUAGES,
        "schemes": SCHEMES,
        "is_public": kept.draft.status == codes.PUBLISHED,
        "documents": documents.listed(kept.number) if kept.version and kept.number else [],
        "document_form": documents.DocumentForm(label_suffix=""),
        "link": link_addresses.find(kept.draft.url),
        "is_link_check_on": settings.LINK_CHECK,
        "lookups": [lookups.SCHEMES[scheme] for scheme, service in lookups.services().items() if service],
        **_unsaved(request, kept, may_save),
        **_beside(request, kept, forms),
    }
    return TemplateResponse(request, "desk/record.html", page, status=409 if conflict else 200)


def _unsaved(request: HttpRequest, kept: Kept, may_save: bool) -> dict[str, Any]:
    """Return where the form sends what is typed, and what was typed into earlier ones and not saved."""
    offered = []
    if may_save and request.method != "POST" and "typed" not in request.GET:
        offered = unsaved.kept_of(request.user, kept.number)
    name = kept.number or typing.NEW
    return {"offered": offered, "typing_url": reverse("admin:record_typed", args=[name]) if may_save else ""}


def _beside(request: HttpRequest, kept: Kept, forms: RecordForms) -> dict[str, Any]:
    """Return what stands beside the form for what is in it now."""
    draft = Values.typed(request.POST.dict()).draft() if forms.main.is_bound else forms.shown.draft()
    return {
        **typing.beside(request, draft, kept.number),
        "next_shelf_number": "" if draft.shelf_number else shelving.next_free(),
    }
