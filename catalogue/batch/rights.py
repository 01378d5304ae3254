"""What somebody may do with a batch edit: asked when it is previewed and begun, and once more while it is done."""

from catalogue.batch.models import Batch
from catalogue.batch.steps import GiveStatus
from catalogue.models import Record
from catalogue.people import rights


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
