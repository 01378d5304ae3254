"""Who may import, and whose imports are whose."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from catalogue.jobs.models import Import
from catalogue.people import rights


def importers_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let nobody see a page of the wizard who may not import."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if not rights.may_import(request.user):
            raise PermissionDenied
        return view(request, *args, **options)

    return guarded


def own(request: HttpRequest, number: object) -> Import:
    """Return an import of the person who asks; those of others are as if they were not there."""
    item = Import.objects.filter(pk=str(number), user=request.user.pk).select_related("change_set", "user").first()
    if item is None:
        raise Http404
    return item
