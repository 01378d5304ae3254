"""Where a batch edit begins: with the records that a search finds, or with those that were ticked."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalogue.admin import merge_pages
from catalogue.admin.guards import changers_only
from catalogue.batch import selecting, steps
from catalogue.batch.models import Batch
from catalogue.row_numbers import row_numbers

# More than one page of any list has.
MOST_TICKED = 1_000


@changers_only
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Take all the records of a search, or those that were ticked, to change or to merge them."""
    asked = QueryDict(request.POST.get("search", ""))
    take = request.POST.get("take", "")
    try:
        if take == "merge":
            return HttpResponseRedirect(merge_pages.first_address(_ticked(request)))
        # Never all because nothing was said: that would be the whole catalogue.
        item = (
            selecting.of_search(request.user, asked)
            if take == "all"
            else selecting.of_numbers(request.user, _ticked(request))
        )
    except (selecting.NothingSelected, merge_pages.NotMerged, ConnectionError) as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(f"{reverse('admin:batch')}?{asked.urlencode()}")
    return HttpResponseRedirect(address(item))


def of_numbers(request: HttpRequest, numbers: Iterable[int], chosen: Sequence[Any] = ()) -> HttpResponse:
    """Begin with records, and perhaps steps, that were chosen in another list of the desk. Raises NothingSelected."""
    item = selecting.of_numbers(request.user, numbers)
    if chosen:
        Batch.objects.filter(pk=item.pk).update(steps=steps.to_dicts(chosen))
    return HttpResponseRedirect(address(item))


def address(item: Batch) -> str:
    return reverse("admin:batch_edit", args=[item.pk])


def _ticked(request: HttpRequest) -> list[int]:
    return row_numbers(request.POST.getlist("record"), MOST_TICKED)
