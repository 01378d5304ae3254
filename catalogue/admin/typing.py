"""What the form of a record sends while somebody types: it is kept until it is saved (see catalogue/unsaved.py), and
answered with what stands beside the form: likely duplicates and the public card.
"""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from catalogue import codes, doubts, duplicates, records, unsaved
from catalogue.admin.form_values import Values
from catalogue.draft import Draft
from catalogue.people import rights
from catalogue.row_numbers import row_number

NEW = "new"


@require_POST
def typed(request: HttpRequest, name: str) -> HttpResponse:
    """Keep what was typed into the form of a record (its number) or of a new one, and say where it can be taken up."""
    number = _record_number(request, name)
    token = token_of(request.POST.get("token", ""))
    try:
        unsaved.keep(request.user, token, number, request.POST)
    except ValueError as problem:
        return JsonResponse({"problem": str(problem)}, status=413)
    draft = Values.typed(request.POST.dict()).draft()
    context = beside(request, draft, number)
    shown = {name: render_to_string(f"desk/_{name}.html", context, request).strip() for name in ("beside", "alike")}
    return JsonResponse({"url": f"{form_page(number)}?typed={token}", **shown})


@require_POST
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """Show the page that the public will see of what was typed, or of what is saved to those who may not type."""
    user: Any = request.user
    if name != NEW and user.has_perm("catalogue.view_record") and not user.has_perm("catalogue.change_record"):
        return _saved_page(request, _number(name))
    number = _record_number(request, name)
    draft = Values.typed(request.POST.dict()).draft()
    return import_string(settings.RECORD_PREVIEW)(request, draft, number or 0)


def _saved_page(request: HttpRequest, number: int) -> HttpResponse:
    draft = records.read_drafts([number]).get(number)
    if draft is None:
        raise Http404
    return import_string(settings.RECORD_PREVIEW)(request, draft, number)


@require_POST
def discard(request: HttpRequest, name: str) -> HttpResponse:
    """Forget what was typed into a form that was left."""
    number = _record_number(request, name)
    unsaved.forget(request.user, token_of(request.POST.get("token", "")), number)
    return HttpResponseRedirect(form_page(number))


def beside(request: HttpRequest, draft: Draft, number: int | None) -> dict[str, Any]:
    """Return what stands beside the form of a record with this Draft."""
    user: Any = request.user
    is_shown = user.has_perm("catalogue.view_record") and draft != Draft()
    return {
        "number": number,
        "doubts": doubts.find(draft, number) if is_shown else [],
        "duplicates": duplicates.find(draft, number) if is_shown else [],
        "card": import_string(settings.RECORD_CARD)(draft, number or 0) if draft != Draft() else "",
        "statuses": codes.STATUSES,
        "may_change": user.has_perm("catalogue.change_record"),
        "may_merge": bool(number) and user.has_perms(["catalogue.change_record", rights.PUBLISH]),
        "preview_url": reverse("admin:record_preview", args=[number or NEW]),
    }


def form_page(number: int | None) -> str:
    if number is None:
        return reverse("admin:catalogue_record_add")
    return reverse("admin:catalogue_record_change", args=[number])


def _record_number(request: HttpRequest, name: str) -> int | None:
    """Return whose form it is. Raises PermissionDenied for those who could not save it."""
    user: Any = request.user
    if not user.has_perm("catalogue.add_record" if name == NEW else "catalogue.change_record"):
        raise PermissionDenied
    return None if name == NEW else _number(name)


def _number(name: str) -> int:
    number = row_number(name)
    if not number:
        raise Http404
    return number


def token_of(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
