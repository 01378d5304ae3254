"""Documents at the desk: added to a record, sent, made public, replaced, and removed."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from catalogue import attachments, document_keeping
from catalogue.attachments import Attachment
from catalogue.document_changes import DocumentChange
from catalogue.models import Record
from catalogue.people import rights
from catalogue.texts import reading

# What a form has around the file that it sends.
ENVELOPE = 64 * 1024


class DocumentForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Document"), help_text=gettext_lazy("A PDF, a DOCX or ODT file, or plain text.")
    )
    is_public = forms.BooleanField(
        label=gettext_lazy("The public may have it"),
        help_text=gettext_lazy("Only where the rights allow it, and only while the record is published."),
        required=False,
    )


class ReplacingForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Another document"))


@dataclass(frozen=True)
class Listed:
    """A document as the record's page lists it, and what is said of its text.

    `is_published` tells whether the public has it once it is public: then that is for those who may publish.
    """

    document: Attachment
    said: str
    is_published: bool


def listed(number: int) -> list[Listed]:
    """Return the documents of a record, and of those merged into it."""
    found = list(attachments.of_record(number).select_related("text"))
    published = rights.published_with(one.record_id for one in found)
    return [Listed(one, reading.sentence(one), one.record_id in published) for one in found]


def _check(request: HttpRequest, right: str = "catalogue.change_record") -> None:
    user: Any = request.user
    if not user.has_perm(right):
        raise PermissionDenied


def _check_public(user: Any, number: int, is_public: bool) -> None:
    """Raise Refused where somebody would give the public what only those who may publish give it."""
    if is_public and not rights.may_show_documents(user, number):
        raise attachments.Refused(
            _("The record is published, and you may not publish. Ask an editor. Nothing was changed.")
        )


def _record(number: int) -> Record:
    found = Record.objects.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise Http404
    return found


@csrf_exempt  # checked in _take, once it is known that the document is not too large
@require_POST
def add(request: HttpRequest, number: int) -> HttpResponseBase:
    """Keep a document with a record."""
    _check(request)
    record = _record(number)
    return _take(request, record) if _is_bearable(request) else _back(number)


def _is_bearable(request: HttpRequest) -> bool:
    """Tell whether what is sent is no larger than a document may be; if not, say so."""
    try:
        attachments.check_size(int(request.META.get("CONTENT_LENGTH") or 0) - ENVELOPE)
    except attachments.Refused as problem:
        messages.error(request, str(problem))
        return False
    return True


@csrf_protect
def _take(request: HttpRequest, record: Record) -> HttpResponse:
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a document that is not empty."))
        return _back(record.pk)
    file, is_public = form.cleaned_data["file"], form.cleaned_data["is_public"]
    try:
        _check_public(request.user, record.pk, is_public)
        kept = document_keeping.keep(record, file.name, file.file, request.user, is_public)
    except attachments.Refused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("“%(name)s” is kept with this record.") % {"name": kept.name})
    return _back(record.pk)


@csrf_exempt  # checked in _exchange, as above
@require_POST
def replace(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Keep another document in the place of one."""
    _check(request)
    found = Attachment.objects.filter(pk=key).first()
    if found is None:
        return _removed(request, key)
    return _exchange(request, found) if _is_bearable(request) else _back(found.record_id)


@csrf_protect
def _exchange(request: HttpRequest, found: Attachment) -> HttpResponse:
    form = ReplacingForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a document that is not empty."))
        return _back(found.record_id)
    file = form.cleaned_data["file"]
    try:
        _check_public(request.user, found.record_id, found.is_public)
        document_keeping.replace(found, file.name, file.file, request.user)
    except attachments.Refused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("“%(name)s” was replaced.") % {"name": found.name})
    return _back(found.record_id)


def _removed(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Say that somebody has removed the document since the page was opened. Raises Http404 where it never was."""
    noted = DocumentChange.objects.filter(document=key, after__isnull=True).first()
    if noted is None:
        raise Http404
    message = _("“%(name)s” is not there any more: somebody has removed it meanwhile.")
    messages.error(request, message % {"name": (noted.before or {}).get("name", "")})
    return _back(noted.record_number)


def _back(number: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:catalogue_record_change", args=[number]) + "#documents")


@require_safe
def send(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    _check(request, "catalogue.view_record")
    found = Attachment.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    try:
        return attachments.response(found)
    except FileNotFoundError:
        messages.error(request, _("“%(name)s” is not on this server any more.") % {"name": found.name})
        return _back(found.record_id)


@require_POST
def change(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Make a document public, or not public any more, or remove it for good."""
    _check(request)
    if "remove" in request.POST:
        _check(request, "catalogue.delete_record")
    found = Attachment.objects.filter(pk=key).first()
    if found is None:
        return _removed(request, key)
    try:
        if "remove" in request.POST:
            document_keeping.remove(found, request.user)
            messages.success(request, _("“%(name)s” was removed.") % {"name": found.name})
        elif "publish" in request.POST or "hide" in request.POST:
            is_public = "publish" in request.POST
            _check_public(request.user, found.record_id, is_public)
            document_keeping.make_public(found, is_public, request.user)
    except attachments.Refused as problem:
        messages.error(request, str(problem))
    return _back(found.record_id)
