"""Makes batch edits for tests as the desk would."""

from typing import Any

from catalogue.batch import running, selecting, steps
from catalogue.batch.models import Batch
from catalogue.jobs import tasks
from catalogue.models import Record


def make_batch(user: Any, *chosen: Any, records: list[Record] | None = None) -> Batch:
    """Return a batch edit of these records (or of all), with its steps chosen."""
    numbers = [record.pk for record in records] if records else Record.objects.values_list("pk", flat=True)
    item = selecting.of_numbers(user, numbers)
    item.steps = steps.to_dicts(chosen)
    item.save()
    return item


def do_work(item: Batch, work: str) -> Batch:
    """Do one work as a request would that waits for it."""
    tasks.ask_at_once(item, work)
    item.refresh_from_db()
    return item


def do_all(item: Batch, reason: str = "Because") -> Batch:
    """Preview and do."""
    do_work(item, "preview")
    Batch.objects.filter(pk=item.pk).update(reason=reason)
    return do_work(item, "do")


def do_what_waits() -> None:
    for item in Batch.objects.filter(state__in=(Batch.State.WAITING, Batch.State.RUNNING)):
        running.do(str(item.pk), lambda: False)
