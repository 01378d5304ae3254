"""Runs over many addresses: by hand, by night, by command and by the worker; killed, stopped, and offline."""

import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalogue.linkcheck import addresses, runs, tasks
from catalogue.linkcheck.models import Link, LinkCheck, LinkRun
from catalogue.models import Change, ChangeSet, Record
from tests.environment import ROOT
from tests.processes import environment
from tests.records import make_draft, make_records
from tests.webserver import FakeTime, Server, make_web, pdf, reply

Status, Scope, State = Link.Status, LinkRun.Scope, LinkRun.State
NETWORKS = "127.0.0.0/8,::1/128"


@pytest.fixture
def server():
    made = Server({"/robots.txt": reply(404)}, otherwise=pdf())
    yield made
    made.close()


@pytest.fixture
def passing():
    return FakeTime()


@pytest.fixture(autouse=True)
def switched_on(settings):
    settings.LINK_CHECK = True


def records_at(*urls: str) -> list[Record]:
    return make_records([make_draft(f"Record {number}", url=url) for number, url in enumerate(urls)])


def run(passing: FakeTime, scope=Scope.ALL, is_ending=lambda: False, **options) -> LinkRun:
    made = runs.make(scope, **options)
    LinkRun.objects.filter(pk=made.pk).update(made=passing.now())
    runs.do(made.pk, is_ending, make_web(), passing.clock)
    made.refresh_from_db()
    return made


def states() -> dict[str, str]:
    return {link.url.rpartition("/")[2]: link.status for link in Link.objects.all()}


@pytest.mark.django_db
def test_every_address_is_checked_once_and_no_record_is_changed(server, passing):
    server.paths["/gone.pdf"] = reply(410)
    server.paths["/old.pdf"] = reply(301, Location="/new.pdf")
    urls = [server.url(path) for path in ("/a.pdf", "/gone.pdf", "/old.pdf")]
    records_at(*urls, server.url("/a.pdf"), "http://10.0.0.1/inner.pdf", "")
    before = list(Record.objects.values_list("pk", "url", "modified"))
    made = run(passing)
    assert states() == {"a.pdf": "alive", "gone.pdf": "dead", "old.pdf": "moved", "inner.pdf": "skipped"}
    assert (made.state, made.done, made.total) == (State.DONE, 4, 4)
    assert made.counts == {"alive": 1, "dead": 1, "moved": 1, "skipped": 1}
    assert server.paths_asked().count("/a.pdf") == 1
    assert list(Record.objects.values_list("pk", "url", "modified")) == before
    assert (Change.objects.count(), ChangeSet.objects.count()) == (6, 1)
    assert LinkCheck.objects.count() == 4


@pytest.mark.django_db
def test_what_is_due_is_checked_the_new_first_then_the_oldest_within_a_budget(server, passing):
    records_at(*(server.url(f"/{name}.pdf") for name in "abcd"))
    addresses.keep_in_step()
    now = timezone.now()
    for name, days in (("a", 1), ("b", 3), ("c", -3)):
        Link.objects.filter(url__endswith=f"{name}.pdf").update(
            status="alive", checked=now - timedelta(days=30 + days), next_check=now - timedelta(days=days)
        )
    run(passing, Scope.DUE, most=2)
    assert server.paths_asked("HEAD") == ["/d.pdf", "/b.pdf"]
    run(passing, Scope.DUE)
    assert server.paths_asked("HEAD")[2:] == ["/a.pdf"]
    run(passing, Scope.DUE)
    assert len(server.paths_asked("HEAD")) == 3


@pytest.mark.django_db
def test_chosen_addresses_are_checked_due_or_not_and_no_others(server, passing):
    records_at(*(server.url(f"/{name}.pdf") for name in "ab"))
    run(passing)
    chosen = Link.objects.get(url__endswith="b.pdf")
    run(passing, Scope.CHOSEN, numbers=[chosen.pk, 10**15])
    assert server.paths_asked("HEAD").count("/b.pdf") == 2
    assert server.paths_asked("HEAD").count("/a.pdf") == 1


@pytest.mark.django_db
def test_several_hosts_are_asked_at_once_and_each_by_one(server, passing):
    def slow(asked, _send):
        time.sleep(0.05)
        return pdf()

    server.otherwise = slow
    records_at(*(server.url(f"/{number}.pdf", f"host{number % 4}.example") for number in range(16)))
    made = run(passing)
    assert made.counts == {"alive": 16}
    assert 1 < server.most_at_once <= 4


@pytest.mark.django_db
def test_a_run_that_the_worker_ends_goes_on_where_it_was(server, passing):
    records_at(*(server.url(f"/{number}.pdf") for number in range(6)))
    made = runs.make(Scope.ALL)
    assert not runs.do(made.pk, lambda: LinkCheck.objects.count() >= 2, make_web(), passing.clock)
    made.refresh_from_db()
    assert (made.state, made.done) == (State.WAITING, 2)
    assert runs.do(made.pk, lambda: False, make_web(), passing.clock)
    made.refresh_from_db()
    assert (made.state, made.done, made.total) == (State.DONE, 6, 6)
    assert LinkCheck.objects.count() == 6


@pytest.mark.django_db
def test_a_run_that_somebody_stops_ends_and_is_not_taken_up_again(server, passing):
    records_at(*(server.url(f"/{number}.pdf") for number in range(6)))
    made = runs.make(Scope.ALL)
    runs.do(made.pk, lambda: LinkCheck.objects.count() >= 1 and runs.stop(made), make_web(), passing.clock)
    made.refresh_from_db()
    assert made.state == State.STOPPED
    assert runs.do(made.pk, lambda: False, make_web(), passing.clock)
    assert LinkCheck.objects.count() < 6


@pytest.mark.django_db
def test_one_run_is_done_at_a_time(server, passing):
    first, second = runs.make(Scope.ALL), runs.make(Scope.ALL)
    LinkRun.objects.filter(pk=first.pk).update(state=State.RUNNING, alive=timezone.now())
    with pytest.raises(runs.Refused, match="just now"):
        runs.do(second.pk, lambda: False, make_web(), passing.clock)
    LinkRun.objects.filter(pk=first.pk).update(alive=timezone.now() - 2 * runs.SILENT)
    assert runs.do(second.pk, lambda: False, make_web(), passing.clock)


@pytest.mark.django_db
def test_who_is_offline_calls_nobody_dead(passing):
    records_at(*(f"http://host{number}.nowhere/a.pdf" for number in range(30)))
    made = run(passing)
    assert "no connection" in made.problem
    assert set(states().values()) == {"new"}
    assert not LinkCheck.objects.exists()


@pytest.mark.django_db
def test_few_hosts_that_are_gone_are_believed_where_one_that_was_alive_answers(server, passing):
    records_at(server.url("/a.pdf"))
    run(passing)
    records_at(*(f"http://host{number}.nowhere/a.pdf" for number in range(12)))
    made = run(passing, Scope.DUE)
    assert made.problem == ""
    assert made.counts == {"unreachable": 12}


@pytest.mark.django_db
def test_one_host_that_is_gone_is_not_believed_where_the_one_that_was_alive_is_silent_too(server, passing):
    records_at(server.url("/a.pdf"))
    run(passing)
    server.close()
    records_at("http://host.nowhere/a.pdf")
    assert "no connection" in run(passing, Scope.DUE).problem
    assert Link.objects.get(host="host.nowhere").status == Status.NEW


@pytest.mark.django_db
def test_failures_before_the_first_answer_are_noted_after_it(server, passing):
    records_at(*(f"http://host{number}.nowhere/a.pdf" for number in range(3)), server.url("/a.pdf"))
    assert run(passing).counts == {"unreachable": 3, "alive": 1}


# -- Switched off -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_asked_of_anybody_unless_it_is_switched_on(settings, server):
    settings.LINK_CHECK = False
    records_at(server.url("/a.pdf"))
    for step in (lambda: runs.make(Scope.ALL), lambda: call_command("check_links")):
        with pytest.raises((runs.Refused, CommandError), match="LINK_CHECK"):
            step()
    tasks.check_due_links(timestamp=0)
    tasks.take_up(timestamp=0)
    assert not LinkRun.objects.exists()
    assert server.connections == 0


# -- The command, the night and the worker ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_checks_and_counts(settings, server, capsys):
    settings.LINK_CHECK_NETWORKS = make_web().allowed
    records_at(server.url("/a.pdf", "127.0.0.1"))
    call_command("check_links", "--all", "--limit", "5")
    assert "alive: 1" in capsys.readouterr().out
    call_command("check_links", "--due")
    assert "Nothing." in capsys.readouterr().out
    assert server.asked[0].headers["user-agent"].startswith("Greyshelf/")
    with pytest.raises(CommandError, match="--limit"):
        call_command("check_links", "--limit", "0")


@pytest.mark.django_db
def test_who_asks_says_where_the_catalogue_is(settings):
    settings.SITE_URL = "https://catalogue.example.org"
    assert "(+https://catalogue.example.org)" in runs.web().agent


@pytest.fixture
def queue(transactional_db):
    from django.db import connection

    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


def jobs() -> list[int]:
    return [job.args["number"] for job in ProcrastinateJob.objects.filter(task_name="check_links").order_by("pk")]


def test_each_night_what_is_due_is_asked_for_once_within_the_budget(queue, settings):
    settings.LINK_CHECK_A_NIGHT = 7
    tasks.check_due_links(timestamp=0)
    tasks.check_due_links(timestamp=0)
    made = LinkRun.objects.get()
    assert (made.scope, made.most, jobs()) == (Scope.DUE, 7, [made.pk])


def test_a_run_whose_job_was_lost_is_put_into_the_queue_again(queue):
    waiting, cut_off, fresh, done = (runs.make(Scope.ALL) for _number in range(4))
    now = timezone.now()
    LinkRun.objects.filter(pk=cut_off.pk).update(state=State.RUNNING, alive=now - 2 * runs.SILENT)
    LinkRun.objects.filter(pk=fresh.pk).update(state=State.RUNNING, alive=now)
    LinkRun.objects.filter(pk=done.pk).update(state=State.DONE)
    tasks.take_up(timestamp=0)
    tasks.take_up(timestamp=0)
    assert sorted(jobs()) == [waiting.pk, cut_off.pk]


def wait_until(happens, process) -> None:
    deadline = time.monotonic() + 60
    while not happens():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start(*command: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment(LINK_CHECK="on", LINK_CHECK_NETWORKS=NETWORKS),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_command_that_is_killed_is_gone_on_with_by_the_worker(queue, server):
    held = [True]

    def slow(_asked, _send):
        while held[0]:
            time.sleep(0.01)
        return pdf()

    server.paths["/slow.pdf"] = slow
    records_at(server.url("/quick.pdf", "127.0.0.1"), server.url("/slow.pdf", "localhost"))
    command = start("check_links", "--all")
    wait_until(lambda: Link.objects.filter(status=Status.ALIVE).exists(), command)
    command.kill()
    command.wait()
    assert states() == {"quick.pdf": "alive", "slow.pdf": "new"}
    held[0] = False
    LinkRun.objects.update(alive=timezone.now() - 2 * runs.SILENT)
    tasks.take_up(timestamp=0)
    worker = start("work")
    wait_until(lambda: LinkRun.objects.get().state == State.DONE, worker)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert states() == {"quick.pdf": "alive", "slow.pdf": "alive"}
    assert server.paths_asked("HEAD").count("/quick.pdf") == 1
    assert (LinkRun.objects.get().done, LinkRun.objects.get().attempt) == (2, 2)
