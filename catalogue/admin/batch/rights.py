"""Who may change many records at once, and whose batch edits are whose."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from catalogue.batch.models import Batch

# The same as for one record: its form publishes and withdraws too.
RIGHT = "catalogue.change_record"


def changers_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let nobody see a page of batch edits who may not change records."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        return view(request, *args, **options)

    return guarded


def own(request: HttpRequest, number: object) -> Batch:
    """Return a batch edit of the person who asks; those of others are as if they were not there."""
    found = Batch.objects.filter(pk=str(number), user=request.user.pk).select_related("change_set", "user")
    item = found.defer("numbers", "versions").first()
    if item is None:
        raise Http404
    return item
