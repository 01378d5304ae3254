"""Whose batch edits are whose, and what somebody may do with one."""

from django.http import Http404, HttpRequest

from catalogue.batch.models import Batch
from catalogue.batch.steps import GiveStatus
from catalogue.models import Record
from catalogue.people import rights


def own(request: HttpRequest, number: object) -> Batch:
    """Return a batch edit of the person who asks; those of others are as if they were not there."""
    found = Batch.objects.filter(pk=str(number), user=request.user.pk).select_related("change_set", "user")
    item = found.defer("numbers", "versions").first()
    if item is None:
        raise Http404
    return item


def why_not(item: Batch) -> str:
    """Return why the person of a batch edit may not do it, or nothing: rights can be taken away meanwhile."""
    if not rights.may_change_together(item.user, item.count):
        return rights.too_many()
    records = Record.objects.filter(pk__in=item.numbers)
    problems = (
        rights.why_not_status(item.user, records, step.status)
        for step in item.read_steps()
        if isinstance(step, GiveStatus)
    )
    return next(filter(None, problems), "")
