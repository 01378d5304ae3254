"""The page that merges what somebody typed into the form of a new record with a record that was there already.

Nothing is saved here: what was chosen is put into the form of the record, to be looked over and saved there.
"""

import uuid
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from catalogue import codes, unsaved
from catalogue import record_merging as merging
from catalogue.admin import conflicts
from catalogue.admin.conflicts import Kept
from catalogue.admin.form_values import Values
from catalogue.admin.merge_pages import CHOICES, MergeForm, rows
from catalogue.admin.typing import form_page, token_of
from catalogue.models import Record

# Of a record that is there these are not given anew by what is typed of another copy.
NOT_TYPED = ("status", "withdrawn_reason", "replaced_by")


class TypedForm(MergeForm):
    """A choice for each field in which what was typed differs from the record, and is not empty."""

    choices = {**CHOICES, merging.OTHER: gettext_lazy("Take what you typed")}

    def differing(self, this: Kept, other: Kept) -> list[str]:
        found = merging.differing(this.draft, other.draft)
        return [name for name in found if getattr(other.draft, name) and name not in NOT_TYPED]


@require_POST
def begin(request: HttpRequest, number: int) -> HttpResponse:
    """Keep what was typed into the form of a new record, and lead to the page that merges it with one that is there."""
    _check_right(request)
    token = token_of(request.POST.get("token", ""))
    try:
        unsaved.keep(request.user, token, None, request.POST)
    except ValueError as problem:
        return HttpResponse(str(problem), status=413, content_type="text/plain; charset=utf-8")
    return HttpResponseRedirect(reverse("admin:merge_typed", args=[number, token]))


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, number: int, token: uuid.UUID) -> HttpResponse:
    """Show a record and what was typed side by side, and fill the record's form with what is chosen."""
    _check_right(request)
    this, typed = _pair(request, number, token)
    form = TypedForm(this, typed, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, token, this, typed, form)
    merged = merging.merged(this.draft, replace(typed.draft, **_kept(this, form)), form.cleaned_data)
    values = Values.of(merged, modified=this.version, reason=form.cleaned_data["reason"])
    made = uuid.uuid4()
    try:
        unsaved.keep(request.user, made, number, {**values.sent(), "token": str(made)})
    except ValueError:
        form.add_error(None, _("Both together are too long to be kept. Save the new record, and merge the two then."))
        return _page(request, token, this, typed, form)
    unsaved.forget(request.user, token)
    return HttpResponseRedirect(f"{form_page(number)}?typed={made}")


def _kept(this: Kept, form: TypedForm) -> dict[str, Any]:
    """Return the fields of the record between which and what was typed there is no choice."""
    return {name: getattr(this.draft, name) for name in merging.FIELDS if name not in form.fields}


def _check_right(request: HttpRequest) -> None:
    user: Any = request.user
    if not user.has_perm("catalogue.change_record"):
        raise PermissionDenied


def _pair(request: HttpRequest, number: int, token: uuid.UUID) -> tuple[Kept, Kept]:
    """Return the record and what this account typed. Raises Http404 where either is not there, or is withdrawn."""
    this = conflicts.read(number) if number < 2**63 else None
    typed = unsaved.find(request.user, str(token), None)
    if this is None or typed is None or this.draft.status == codes.WITHDRAWN:
        raise Http404
    return this, Kept(draft=Values.typed(typed.values).draft())


def _page(request: HttpRequest, token: uuid.UUID, this: Kept, typed: Kept, form: TypedForm) -> HttpResponse:
    from django.contrib import admin

    context = {
        **admin.site.each_context(request),
        "title": _("Merge what you typed with record %(number)d") % {"number": this.number},
        "opts": Record._meta,
        "token": token,
        "this": this,
        "form": form,
        "rows": rows(this, typed, form),
    }
    return TemplateResponse(request, "desk/typed_merge.html", context)
