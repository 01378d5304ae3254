"""Whose batch edits are whose."""

from django.http import Http404, HttpRequest

from catalogue.batch.models import Batch


def own(request: HttpRequest, number: object) -> Batch:
    """Return a batch edit of the person who asks; those of others are as if they were not there."""
    found = Batch.objects.filter(pk=str(number), user=request.user.pk).select_related("change_set", "user")
    item = found.defer("numbers", "versions").first()
    if item is None:
        raise Http404
    return item
