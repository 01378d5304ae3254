"""The tasks that the queue knows: imports, batch edits, the texts of documents, and what is done on a schedule.

A later task is one more function here.
"""

import itertools
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job, Status

from catalogue.attachments import Attachment
from catalogue.batch import running as batches
from catalogue.batch.models import Batch
from catalogue.jobs import doing, imports, undos, uploads
from catalogue.jobs.doing import NotNow, Works
from catalogue.jobs.models import Import, LargeUndo, Running
from catalogue.jobs.pulse import Interrupted
from catalogue.jobs.queue import ANYWHERE, app
from catalogue.models import ChangeSet
from catalogue.people import forgetting
from catalogue.texts import apart, reading

# A job that was cut off this often is not begun again: it may be what ends the worker.
MOST_ATTEMPTS = 10
# A worker that writes no sign of life for so long is taken for dead; procrastinate's workers write one each 10 s.
SILENT = timedelta(seconds=60)
# So many documents are put into the queue at once; the next come when the schedule looks again.
MOST_ASKED = 500
WORKS: dict[Any, Works] = {Import: imports.WORKS, Batch: batches.WORKS}


# One import at a time, trials too: of two that make the same new heading, one would wait for the other anyway.
@app.task(
    name="import",
    lock="import",
    retry=RetryStrategy(retry_exceptions=[Interrupted, OperationalError], wait=1),
    pass_context=True,
)
def run_import(context: JobContext, number: str) -> None:
    imports.do(number, context.should_abort)


@app.task(
    name="batch",
    lock="batch",
    retry=RetryStrategy(retry_exceptions=[Interrupted, OperationalError], wait=1),
    pass_context=True,
)
def run_batch(context: JobContext, number: str) -> None:
    batches.do(number, context.should_abort)


# With the lock of imports: neither waits for rows that the other one writes.
@app.task(
    name="undo",
    queue=ANYWHERE,
    lock="import",
    retry=RetryStrategy(retry_exceptions=[Interrupted, OperationalError], wait=1),
    pass_context=True,
)
def run_undo(context: JobContext, number: int) -> None:
    undos.do(number, context.should_abort)


# One document at a time, and after all else: the others go on to be found by what is typed of them.
@app.task(
    name="read_text",
    priority=-1,
    retry=RetryStrategy(retry_exceptions=[apart.Interrupted, OperationalError], wait=1),
    pass_context=True,
)
def read_text(context: JobContext, key: str) -> None:
    reading.read(key, context.should_abort)


@app.periodic(cron="*/5 * * * *")
@app.task(name="read_texts", queue=ANYWHERE, queueing_lock="read_texts")
def read_unread_texts(timestamp: int) -> None:
    ask_to_read_all()


@app.periodic(cron="17 * * * *")
@app.task(name="remove_old_uploads", queue=ANYWHERE, queueing_lock="remove_old_uploads")
def remove_old_uploads(timestamp: int) -> None:
    uploads.remove_old()
    batches.remove_old()


@app.periodic(cron="*/15 * * * *")
@app.task(name="forget_old_of_people", queue=ANYWHERE, queueing_lock="forget_old_of_people")
def forget_old_of_people(timestamp: int) -> None:
    forgetting.forget_old()


@app.periodic(cron="37 3 * * *")
@app.task(name="prune_notes", queue=ANYWHERE, queueing_lock="prune_notes")
def prune_notes(timestamp: int) -> None:
    import_string(settings.RECORD_SEARCH_PRUNE)()


@app.periodic(cron="* * * * *")
@app.task(name="take_up_again", queue=ANYWHERE, queueing_lock="take_up_again")
def take_up_silent(timestamp: int) -> None:
    take_up_again()


def take_up_again(own_queue: str = "") -> None:
    """Have jobs begin again that workers had begun which are gone.

    Of `own_queue` all are such: a worker that has only just begun, and is the only one of its queue, names it.
    """
    silent = timezone.now() - SILENT
    for job in ProcrastinateJob.objects.filter(status="doing").select_related("worker"):
        is_cut_off = job.worker is None or job.worker.last_heartbeat < silent
        if is_cut_off or (own_queue and job.queue_name == own_queue):
            _put_back(job.procrastinate_job)
    known = ProcrastinateJob.objects.filter(task_name__in=("import", "batch"), status__in=("todo", "doing"))
    has_job = {job.args.get("number") for job in known}
    for model in WORKS:
        for item in model._default_manager.filter(state__in=(Running.WAITING, Running.RUNNING)):
            # A small batch edit has no job while it is done for somebody who waits for the page.
            is_being_done = isinstance(item, Batch) and item.heard > silent
            if str(item.pk) not in has_job and not is_being_done:
                _defer(item)


def _put_back(job: Job) -> None:
    if job.id is None:
        return
    # One with a queueing lock is periodic, and comes again by itself.
    if job.queueing_lock or job.attempts >= MOST_ATTEMPTS:
        async_to_sync(app.job_manager.finish_job_by_id_async)(job.id, Status.FAILED, delete_job=False)
    else:
        app.job_manager.retry_job_by_id(job.id, timezone.now())


def _defer(item: Any) -> None:
    # The job may be there twice; the second finds nothing to do.
    if isinstance(item, Import):
        run_import.configure(queue=item.place).defer(number=str(item.pk))
    else:
        run_batch.configure(queue=uploads.place()).defer(number=str(item.pk))


def ask_to_read(document: Attachment) -> None:
    """Have the text of a document read by the worker of this folder, where its file lies."""
    place = uploads.place()
    read_text.configure(queue=place, lock=f"texts of {place}").defer(key=str(document.pk))


def ask_to_read_all() -> None:
    """Have those documents read that nobody has asked for: kept before texts were read, or their jobs were lost."""
    known = ProcrastinateJob.objects.filter(task_name=read_text.name, status__in=("todo", "doing"))
    asked = {job.args.get("key") for job in known}
    for document in itertools.islice(reading.due(), MOST_ASKED):
        if str(document.pk) not in asked:
            ask_to_read(document)


def ask(item: Any, work: str) -> None:
    """Put a work of an item into the queue. Raises NotNow."""
    with transaction.atomic():
        _defer(_set_to_wait(item, work))


def ask_at_once(item: Any, work: str) -> None:
    """Do a small work of a batch edit while somebody waits, or where that cannot be, put it into the queue.

    Raises NotNow.
    """
    _set_to_wait(item, work)
    try:
        batches.do_at_once(str(item.pk))
    except Interrupted:
        _defer(item)
    except doing.Superseded:
        return  # a worker has it now, and the page says how far it is


def _set_to_wait(item: Any, work: str) -> Any:
    works = WORKS[type(item)]
    with transaction.atomic():
        locked = works.model.objects.select_for_update().get(pk=item.pk)
        state = works.back[locked.work] if locked.is_silent else locked.state
        if state not in works.allowed[work] or (work == "undo" and not locked.change_set_id):
            raise NotNow(_("This cannot be done now: it has gone on meanwhile. Look at the page again."))
        locked.state, locked.work, locked.problem = Running.WAITING, work, ""
        locked.rows = locked.position = locked.kills = 0
        locked.is_to_stop = locked.is_waiting = False
        locked.begun = locked.alive = None
        locked.save()
    return locked


def ask_undo(change_set: ChangeSet, user: Any, reason: str) -> None:
    """Put the undo of a change set into the queue."""
    asked = {"user": user, "reason": reason, "total": change_set.changes.count(), "done": 0, "problem": ""}
    with transaction.atomic():
        item, _new = LargeUndo.objects.update_or_create(change_set=change_set, defaults={**asked, "alive": Now()})
        run_undo.defer(number=item.pk)


def stop(item: Any) -> None:
    """Stop what waits, or have what runs stop before its next rows."""
    works = WORKS[type(item)]
    with transaction.atomic():
        locked = works.model.objects.select_for_update().get(pk=item.pk)
        if locked.state == Running.WAITING or locked.is_silent:
            locked.state, locked.problem = works.back[locked.work], doing.stopped()
        elif locked.state == Running.RUNNING:
            locked.is_to_stop = True
        locked.save(update_fields=["state", "problem", "is_to_stop"])


def has_worker() -> bool:
    """Tell whether any worker has given a sign of life of late."""
    return app.connector.get_sync_connector().execute_query_one(
        "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute') AS found"
    )["found"]
