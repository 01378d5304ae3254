"""The wizard's first step: a file comes in pieces that can be resumed, by a plain form, or as pasted text."""

import uuid
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from catalogue.admin.importing import columns
from catalogue.admin.importing.rights import importers_only, own
from catalogue.jobs import uploads
from catalogue.jobs.models import Import

MOST_LISTED = 30
# What a form has around the file that it sends.
ENVELOPE = 64 * 1024


class BeginForm(forms.Form):
    name = forms.CharField(max_length=4096)
    size = forms.IntegerField(min_value=0, max_value=2**50)
    modified = forms.IntegerField(min_value=-(2**50), max_value=2**50, required=False)


class PieceForm(forms.Form):
    offset = forms.IntegerField(min_value=0, max_value=2**50)


class IntoFolder(FileUploadHandler):
    """Writes a file that a plain form sends straight into the folder of uploads, and stops where it grows too large."""

    chunk_size = 1024 * 1024

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.number = uuid.uuid4()
        self.stream = uploads.path(self.number).open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            if start + len(raw_data) > uploads.LARGEST:
                raise OSError
            self.stream.write(raw_data)
        except OSError:
            self.upload_interrupted()
            raise StopUpload(connection_reset=True) from None

    def file_complete(self, file_size: int) -> UploadedFile:
        self.stream.close()
        file: Any = UploadedFile(name=self.file_name, size=file_size)
        file.number = self.number
        return file

    def upload_interrupted(self) -> None:
        self.stream.close()
        Path(self.stream.name).unlink(missing_ok=True)


@csrf_exempt  # checked below, once it is settled where the file goes
@importers_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponseBase:
    """Show the form and the imports of the person who asks; take a file or a text."""
    if request.method == "POST":
        try:
            uploads.check_room(max(int(request.META.get("CONTENT_LENGTH") or 0) - ENVELOPE, 1))
        except uploads.UploadRefused as error:
            return _refuse(request, str(error))
        request.upload_handlers = [IntoFolder(request)]
        return _received(request)
    return _listed(request)


def _listed(request: HttpRequest) -> HttpResponse:
    page = {
        **admin.site.each_context(request),
        "title": _("Import records"),
        "imports": Import.objects.filter(user=request.user.pk).order_by("-made")[:MOST_LISTED],
        "largest": uploads.LARGEST,
    }
    return render(request, "desk/import_list.html", page)


def _received(request: HttpRequest) -> HttpResponseBase:
    try:
        return _take(request)
    except RequestDataTooBig:
        return _refuse(request, _("This text is too long to be pasted. Save it in a file, and upload that."))


@csrf_protect
def _take(request: HttpRequest) -> HttpResponseBase:
    file: Any = request.FILES.get("file")
    text = request.POST.get("text", "")
    try:
        if file is not None:
            item = uploads.adopt(request.user, file.name, file.number, file.size)
        elif text.strip():
            item = uploads.keep(request.user, _("Pasted text"), text.replace("\r\n", "\n").encode("utf-8", "replace"))
        else:
            return _refuse(request, _("Choose a file, or paste a text."))
    except uploads.UploadRefused as error:
        return _refuse(request, str(error))
    columns.recognise(item)
    return HttpResponseRedirect(reverse("admin:import", args=[item.pk]))


def _refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("admin:imports"))


@importers_only
@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """Answer where the pieces of a file go, and how much of it is there already from an earlier attempt."""
    form = BeginForm(request.POST)
    try:
        if not form.is_valid():
            raise uploads.UploadRefused(_("The file has no size or no name. Choose another."))
        item = uploads.begin(request.user, **form.cleaned_data)
    except uploads.UploadRefused as error:
        return JsonResponse({"problem": str(error)}, status=422)
    answer = {"received": item.received, "piece": reverse("admin:import_piece", args=[item.pk])}
    return JsonResponse({**answer, "page": reverse("admin:import", args=[item.pk])})


@importers_only
@require_POST
def piece(request: HttpRequest, number: uuid.UUID) -> JsonResponse:
    """Take one piece; 409 says from where on the file is wanted."""
    item = own(request, number)
    form = PieceForm(request.GET)
    content = request.read(uploads.LONGEST_PIECE + 1)
    if not form.is_valid() or not 0 < len(content) <= uploads.LONGEST_PIECE:
        return JsonResponse({"problem": _("This is not a piece of a file.")}, status=400)
    try:
        item = uploads.append(item.pk, form.cleaned_data["offset"], content)
    except uploads.WrongOffset as error:
        return JsonResponse({"received": error.received}, status=409)
    except uploads.UploadRefused as error:
        return JsonResponse({"problem": str(error)}, status=507)
    except Import.DoesNotExist:
        return JsonResponse({"problem": _("This file is complete, or was removed.")}, status=410)
    if item.state == Import.State.READY:
        columns.recognise(item)
    return JsonResponse({"received": item.received})
