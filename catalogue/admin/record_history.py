"""The pages of a record's history: its steps, any version of it as a whole, two versions compared.

A record's fields, its documents and the headings that it shows change in change sets, so the history is a list of
these. It outlives the record. Restoring is in restoring.py.
"""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from catalogue.admin import history, moments, restoring, versions
from catalogue.admin.record_pages import not_there
from catalogue.admin.versions import Version
from catalogue.models import Record
from catalogue.row_numbers import row_number


def urls(desk: ModelAdmin) -> list[URLPattern]:
    return [
        path(f"<int:number>/history/{ending}", desk.admin_site.admin_view(partial(view, desk)), name=name)
        for ending, view, name in (
            ("compare/", compare, "record_compare"),
            ("<str:key>/", version, "record_version"),
            ("<str:key>/restore/", restoring.restore, "record_restore"),
        )
    ]


def show(desk: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show what happened to a record, newest first."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    number = row_number(object_id)
    record = Record.objects.filter(pk=number).first()
    page = history.page_of(moments.change_sets(number, record), request)
    if record is None and not page.object_list:
        return not_there(request, object_id)
    context = {
        **_context(desk, request, number),
        "title": _("History of record %(number)d") % {"number": number},
        "record": record,
        "page": page,
        "moments": moments.read(number, record, page.object_list),
    }
    return TemplateResponse(request, "desk/history.html", context)


def _context(desk: ModelAdmin, request: HttpRequest, number: int) -> dict[str, Any]:
    return {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "number": number,
        "may_restore": desk.has_change_permission(request) and Record.objects.filter(pk=number).exists(),
    }


def version(desk: ModelAdmin, request: HttpRequest, number: int, key: str) -> HttpResponse:
    """Show one version whole, as its public card would be."""
    one = versions.asked(desk, request, number, key)
    card, problem = "", ""
    try:
        card = import_string(settings.RECORD_OLD_CARD)(one.draft, number)
    except ValueError as error:
        problem = str(error)
    context = {
        **_context(desk, request, number),
        "title": _("Record %(number)d as it was") % {"number": number},
        "version": one,
        "card": card,
        "problem": problem,
        "beyond": list(_beyond_card(one)),
        "offered": versions.offered(number),
    }
    return TemplateResponse(request, "desk/version.html", context)


def _beyond_card(one: Version) -> Any:
    """Yield label and value of what the public card does not say."""
    for name in ("status", "withdrawn_reason", "replaced_by", "rights", "language", "kind", "identifiers"):
        if one.values.get(name):
            yield history.label(name), history.words(name, one.values[name])


def compare(desk: ModelAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Show two versions side by side, the earlier one first as they were named."""
    earlier = versions.asked(desk, request, number, request.GET.get("from", ""))
    later = versions.asked(desk, request, number, request.GET.get("to", ""))
    if "swap" in request.GET:
        address = reverse("admin:record_compare", args=[number])
        return HttpResponseRedirect(f"{address}?from={later.key}&to={earlier.key}")
    context = {
        **_context(desk, request, number),
        "title": _("Two versions of record %(number)d") % {"number": number},
        "earlier": earlier,
        "later": later,
        "differences": list(history.differences(earlier.values, later.values, is_whole=True)),
        "offered": versions.offered(number),
    }
    return TemplateResponse(request, "desk/compare.html", context)
