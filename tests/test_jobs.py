"""The queue and its worker, as real processes: jobs are done, survive kills, and no process is left behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psutil
import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from catalogue.groups import ADMINISTRATOR
from catalogue.importing import LOCK
from catalogue.jobs import tasks
from catalogue.jobs.models import Import
from catalogue.jobs.queue import app
from catalogue.models import ChangeSet, Record, Touch
from tests.browser.site import Site
from tests.environment import ROOT
from tests.imports import make_import
from tests.people import make_account
from tests.processes import database_url, environment
from tests.records import make_record
from tests.workers import SECONDS, Worker, make_worker, wait_until

State = Import.State
ROWS = 40


@pytest.fixture(autouse=True)
def upload_dir(settings, index_dir):
    settings.UPLOAD_DIR = index_dir.parent / "uploads"
    return settings.UPLOAD_DIR


# -- A worker on the test's own database ------------------------------------------------------------------------------


@pytest.fixture
def worker(transactional_db, tmp_path) -> Iterator[Worker]:
    with make_worker(tmp_path / "worker.log") as made:
        yield made


@pytest.fixture
def importer(worker):
    return make_account("importer", ADMINISTRATOR)


def tried(importer) -> Import:
    """Return an import that waits to be written, as after its trial."""
    content = "title,year\n" + "".join(f"Report number {number},2001\n" for number in range(ROWS))
    item = make_import(importer, content)
    Import.objects.filter(pk=item.pk).update(state=State.TRIED)
    return item


def state(item: Import) -> str:
    return Import.objects.values_list("state", flat=True).get(pk=item.pk)


@contextmanager
def held_up() -> Iterator[None]:
    """Keep every import from writing its first record for as long as this lasts."""
    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE catalogue_record IN SHARE ROW EXCLUSIVE MODE")
        yield


def wait_until_held_up() -> None:
    def is_waiting() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'catalogue_record'::regclass)"
            )
            return cursor.fetchone()[0]

    wait_until(is_waiting)


def test_the_worker_does_what_lies_in_the_queue_and_ends_with_a_signal(importer, worker):
    item = tried(importer)
    tasks.ask(item, Import.Work.WRITE)
    process = worker.start()
    wait_until(lambda: state(item) == State.DONE, worker.log.read_text)
    assert Record.objects.count() == ROWS
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    assert worker.log.read_text() == ""


def test_an_import_whose_worker_is_killed_is_taken_up_again_and_written_once(importer, worker):
    item = tried(importer)
    tasks.ask(item, Import.Work.WRITE)
    with held_up():
        process = worker.start()
        wait_until_held_up()
        assert state(item) == State.RUNNING
        process.kill()
        process.wait()
    assert not Record.objects.exists()
    worker.start()
    wait_until(lambda: state(item) == State.DONE, worker.log.read_text)
    assert Record.objects.count() == ROWS
    assert ChangeSet.objects.count() == 1
    assert Import.objects.get().run == 2


def test_a_second_import_waits_until_the_first_is_written(importer, worker):
    first, second = tried(importer), tried(importer)
    tasks.ask(first, Import.Work.WRITE)
    with held_up():
        worker.start()
        wait_until_held_up()
        tasks.ask(second, Import.Work.WRITE)
        with pytest.raises(AssertionError, match="still waits"):
            monitor(second, lambda: state(first) == State.RUNNING)
    wait_until(lambda: state(second) == State.DONE, worker.log.read_text)
    assert state(first) == State.DONE
    second.refresh_from_db()
    assert second.report["unchanged"] == ROWS


def monitor(item: Import, lasts: Callable[[], bool]) -> None:
    """Look at an import twenty times, and fail as is expected if it never begins."""
    for _ in range(20):
        assert lasts()
        if state(item) != State.WAITING:
            return
        time.sleep(0.05)
    raise AssertionError("still waits")


def test_a_worker_that_is_told_to_end_gives_its_import_back(importer, worker):
    item = tried(importer)
    tasks.ask(item, Import.Work.WRITE)
    with held_up():
        process = worker.start()
        wait_until_held_up()
        process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    assert state(item) in (State.WAITING, State.DONE)  # it may have written its only batch before it looked
    worker.start()
    wait_until(lambda: state(item) == State.DONE, worker.log.read_text)
    assert Record.objects.count() == ROWS
    assert Import.objects.get().kills == 0


def test_a_job_that_got_lost_is_put_into_the_queue_again(importer, worker):
    item = tried(importer)
    tasks.ask(item, Import.Work.WRITE)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    worker.start()
    wait_until(lambda: state(item) == State.DONE, worker.log.read_text)


def test_a_second_worker_of_a_folder_is_refused_in_one_sentence(importer, worker):
    first = worker.start()
    wait_until(tasks.has_worker, worker.log.read_text)
    second = worker.start()
    assert second.wait(SECONDS) == 1
    said = worker.log.read_text()
    assert f"process {first.pid}" in said
    assert "Traceback" not in said


def test_a_worker_ends_when_its_parent_is_gone(importer, worker):
    code = (
        "import os, subprocess, sys\n"
        "subprocess.Popen([sys.executable, 'manage.py', 'work', '--parent', str(os.getpid())])\n"
        "input()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment(), stdin=subprocess.PIPE)
    wait_until(tasks.has_worker)
    [child] = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert not tasks.has_worker()


def test_what_is_done_on_a_schedule_is_known_to_the_queue():
    app.perform_import_paths()
    assert {task.task.name for task in app.periodic_registry.periodic_tasks.values()} == {
        "prune_notes",
        "forget_old_of_people",
        "read_texts",
        "remove_old_uploads",
        "take_up_again",
        "check_due_links",
        "take_up_link_runs",
    }


def test_notes_for_the_index_that_every_index_has_long_read_go_once_a_day(importer):
    for name in "abc":
        make_record(name)
    old = list(Touch.objects.order_by("pk").values_list("pk", flat=True))
    Touch.objects.filter(pk__in=old[:2]).update(made=timezone.now() - timedelta(days=31))
    tasks.prune_notes(0)
    assert list(Touch.objects.order_by("pk").values_list("pk", flat=True)) == old[2:]


# -- The worker that a server brings along -----------------------------------------------------------------------------


def worker_of(site: Site) -> psutil.Process | None:
    children = psutil.Process(site.process.pid).children()
    return next((child for child in children if "work" in command_of(child)), None)


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_server_brings_a_worker_along_starts_it_again_and_never_outlives_it():
    site = Site("--without-sample")
    try:
        site.start()
        first = wait_until(lambda: worker_of(site), lambda: site.output)
        first.kill()
        site.wait_until_ended(first)
        second = wait_until(lambda: worker_of(site), lambda: site.output)
        assert site.answers()
        site.process.kill()
        site.process.wait()
        site.wait_until_ended(second)
        site.wait_until_gone()
        site.start()
        third = wait_until(lambda: worker_of(site), lambda: site.output)
        assert site.stop() == 0
        site.wait_until_gone(seconds=5)
        site.wait_until_ended(third)
    finally:
        site.remove()


def test_an_import_that_waits_for_another_can_be_stopped(importer, worker):
    item = tried(importer)
    tasks.ask(item, Import.Work.WRITE)
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        worker.start()
        wait_until(lambda: Import.objects.get().is_waiting, worker.log.read_text)
        tasks.stop(item)
        wait_until(lambda: state(item) == State.TRIED, worker.log.read_text)
    assert "It was stopped" in Import.objects.get().problem
    assert not Record.objects.exists()
