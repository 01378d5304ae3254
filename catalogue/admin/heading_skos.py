"""The pages that bring a file of SKOS, tried first and then imported, and that give an authority file away as one."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.admin import heading_steps as steps
from catalogue.authorities import skos, skos_import
from catalogue.authorities.files import FILES, AuthorityFile
from catalogue.authorities.merging import Refused
from catalogue.authorities.rdf import MOST_BYTES
from catalogue.jobs import uploads

SALT = "skos"
KEPT_SECONDS = 24 * 3600


class SkosForm(forms.Form):
    """A file, or the token of one that was tried before; the language of the labels; the reason."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    token = forms.CharField(required=False, max_length=500)
    language = forms.RegexField(
        "^[a-z]{2,3}$",
        label=gettext_lazy("Language of the preferred forms"),
        help_text=gettext_lazy("A code like “en”. Labels in other languages become other forms."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), help_text=gettext_lazy("For the history."), required=False, max_length=500
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise ValidationError(_("The file is too large: the most is %s.") % filesizeformat(MOST_BYTES))
        return file


def bring(desk: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for a file, show what importing it would do, and do it."""
    file = steps.check_right(desk, request)
    if not desk.has_add_permission(request):
        raise PermissionDenied
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = SkosForm(data, files, initial={"language": settings.LANGUAGE_CODE[:2]})
    page: dict[str, Any] = {}
    if form.is_valid():
        try:
            page = _run(request, file, form)
        except (Refused, uploads.UploadRefused) as refusal:
            page = {"problem": str(refusal)}
    context = {
        **desk.admin_site.each_context(request),
        "title": _("A thesaurus in SKOS"),
        "opts": desk.opts,
        "form": form,
        "largest": MOST_BYTES,
        **page,
    }
    return TemplateResponse(request, "desk/heading_skos.html", context)


def _run(request: HttpRequest, file: AuthorityFile, form: SkosForm) -> dict[str, Any]:
    """Try the file, or import the one that was tried; return what the page says of it. Raises Refused."""
    uploads.remove_old()
    values = form.cleaned_data
    content = values["file"].read() if values["file"] else _kept(request, values["token"])
    is_dry = request.POST.get("step") != "import"
    report = skos_import.bring(file, content, values["language"], request.user, values["reason"], dry=is_dry)
    if is_dry:
        return {
            "report": report,
            "is_dry": True,
            "token": _keep(request, content) if values["file"] else values["token"],
        }
    return {"report": report, "is_dry": False}


def _keep(request: HttpRequest, content: bytes) -> str:
    """Keep a file that was tried, and return what leads this account alone to it. Raises UploadRefused."""
    uploads.check_room(len(content))
    name = f"{uuid.uuid4()}.skos"
    (uploads.folder() / name).write_bytes(content)
    return signing.dumps([request.user.pk, name], salt=SALT)


def _kept(request: HttpRequest, token: str) -> bytes:
    try:
        owner, name = signing.loads(token, salt=SALT, max_age=KEPT_SECONDS)
        if owner == request.user.pk:
            return (uploads.folder() / name).read_bytes()
    except (signing.BadSignature, OSError, ValueError):
        pass
    raise Refused(_("Choose a file; the one that was tried is not on the server any more."))


def export(desk: ModelAdmin, request: HttpRequest, ending: str) -> HttpResponse:
    """Send all headings as a file of SKOS."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    if ending not in skos.SYNTAXES:
        raise Http404
    base = settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")
    content = skos.serialize(FILES[str(desk.opts.model_name)], base, ending)
    name = skos.PLURALS[str(desk.opts.model_name)]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return HttpResponse(content, content_type=f"{skos.SYNTAXES[ending][1]}; charset=utf-8", headers=headers)
