"""The tasks of link care that the queue knows: a run, the one of each night, and runs that were cut off."""

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django.models import ProcrastinateJob

from catalogue.jobs.pulse import Interrupted
from catalogue.jobs.queue import ANYWHERE, app
from catalogue.linkcheck import runs
from catalogue.linkcheck.models import LinkRun

WAIT = 10


@app.task(
    name="check_links",
    queue=ANYWHERE,
    lock="check_links",
    retry=RetryStrategy(retry_exceptions=[Interrupted, OperationalError, runs.Refused], wait=WAIT),
    pass_context=True,
)
def check_links(context: JobContext, number: int) -> None:
    if settings.LINK_CHECK and not runs.do(number, context.should_abort):
        raise Interrupted


@app.periodic(cron="40 0 * * *")
@app.task(name="check_due_links", queue=ANYWHERE, queueing_lock="check_due_links")
def check_due_links(timestamp: int) -> None:
    """Check what is due, as many addresses as a night has room for."""
    is_busy = LinkRun.objects.filter(state__in=(LinkRun.State.WAITING, LinkRun.State.RUNNING)).exists()
    if settings.LINK_CHECK and not is_busy:
        ask(runs.make(LinkRun.Scope.DUE, most=settings.LINK_CHECK_A_NIGHT))


@app.periodic(cron="*/5 * * * *")
@app.task(name="take_up_link_runs", queue=ANYWHERE, queueing_lock="take_up_link_runs")
def take_up(timestamp: int) -> None:
    """Have runs go on that were cut off: those of a command that was killed, and those whose jobs were lost."""
    if not settings.LINK_CHECK:
        return
    known = ProcrastinateJob.objects.filter(task_name=check_links.name, status__in=("todo", "doing"))
    has_job = {job.args.get("number") for job in known}
    cut_off = LinkRun.objects.filter(state=LinkRun.State.RUNNING, alive__lt=timezone.now() - runs.SILENT)
    for run in LinkRun.objects.filter(state=LinkRun.State.WAITING) | cut_off:
        if run.pk not in has_job:
            ask(run)


def ask(run: LinkRun) -> None:
    """Put a run into the queue, once it is committed."""
    transaction.on_commit(lambda: check_links.defer(number=run.pk))
