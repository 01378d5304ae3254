"""What findings mean for an address over days: nothing is called dead for one bad night."""

from datetime import UTC, datetime, timedelta

import pytest

from catalogue.linkcheck import addresses, noting
from catalogue.linkcheck.findings import Finding, Outcome
from catalogue.linkcheck.models import Link, LinkCheck
from catalogue.models import Record
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db
Status = Link.Status
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FOUND = {outcome: Finding(outcome, "A sentence.") for outcome in Outcome}


@pytest.fixture
def link():
    return Link.objects.create(url="http://docs.example/report.pdf", host="docs.example")


def happen(link: Link, *findings: tuple[float, Outcome]) -> Link:
    """Let findings happen at hours after the start."""
    for hours, outcome in findings:
        noting.note(link.pk, FOUND[outcome], START + timedelta(hours=hours))
    link.refresh_from_db()
    return link


def test_an_address_that_fails_is_dead_on_the_third_day_and_not_before(link):
    assert happen(link, (0, Outcome.FAILED)).status == Status.UNREACHABLE
    assert happen(link, (1, Outcome.FAILED), (2, Outcome.FAILED)).status == Status.UNREACHABLE
    assert happen(link, (24, Outcome.FAILED)).status == Status.UNREACHABLE
    assert happen(link, (72, Outcome.FAILED)).status == Status.DEAD
    assert (link.failures, link.failing_days) == (5, 3)


def test_what_is_not_found_is_dead_on_the_second_day_and_what_is_gone_at_once(link):
    assert happen(link, (0, Outcome.NOT_FOUND), (1, Outcome.NOT_FOUND)).status == Status.UNREACHABLE
    assert happen(link, (24, Outcome.NOT_FOUND)).status == Status.DEAD
    other = Link.objects.create(url="http://docs.example/gone.pdf")
    assert happen(other, (0, Outcome.GONE)).status == Status.DEAD


def test_what_a_server_writes_is_noted_without_characters_that_no_database_takes(link):
    noting.note(link.pk, Finding(Outcome.NOT_FOUND, "404 Not\0 Found \ud800", moved_to="http://docs.example/\0"), START)
    link.refresh_from_db()
    assert link.reason == "404 Not Found"


def test_trouble_that_a_reader_gets_past_is_never_called_dead(link):
    days = [(24 * day, Outcome.TROUBLED) for day in range(10)]
    assert happen(link, *days).status == Status.UNREACHABLE
    assert link.failures == 10


def test_failures_that_are_not_in_sequence_do_not_add_up(link):
    sequence = [(24 * day, Outcome.FAILED if day % 2 else Outcome.ALIVE) for day in range(12)]
    assert happen(link, *sequence).status == Status.UNREACHABLE
    assert link.failures == 1


def test_a_failing_address_is_looked_at_again_after_growing_times(link):
    waits, now = [], START
    for _attempt in range(8):
        noting.note(link.pk, FOUND[Outcome.TROUBLED], now)
        link.refresh_from_db()
        waits.append((link.next_check - now).days)
        now = link.next_check
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize(
    ("outcome", "status", "days"),
    [
        (Outcome.ALIVE, Status.ALIVE, 30),
        (Outcome.MOVED, Status.MOVED, 30),
        (Outcome.BARRED, Status.BARRED, 30),
        (Outcome.SKIPPED, Status.SKIPPED, 90),
    ],
)
def test_what_is_known_is_looked_at_again_in_its_own_time(link, outcome, status, days):
    assert happen(link, (0, outcome)).status == status
    assert link.next_check == START + days * DAY
    assert (link.alive == START) == (outcome in (Outcome.ALIVE, Outcome.MOVED))


def test_the_dead_may_rise_and_say_when_they_were_last_seen(link):
    happen(link, (0, Outcome.ALIVE), (24, Outcome.GONE))
    assert (link.status, link.alive) == (Status.DEAD, START)
    assert happen(link, (48, Outcome.FAILED)).status == Status.DEAD
    assert happen(link, (72, Outcome.ALIVE)).status == Status.ALIVE
    assert (link.failures, link.alive) == (0, START + 3 * DAY)


def test_a_host_that_wants_to_be_left_alone_is_and_nothing_else_changes(link):
    happen(link, (0, Outcome.ALIVE))
    noting.note(link.pk, Finding(Outcome.LATER, "Busy.", wait=7200), START + DAY)
    link.refresh_from_db()
    assert (link.status, link.failures) == (Status.ALIVE, 0)
    assert link.next_check == START + DAY + timedelta(hours=2)


def test_where_it_has_moved_is_kept_until_it_changes(link):
    moved = Finding(Outcome.MOVED, "Moved.", 200, "https://new.example/report.pdf")
    noting.note(link.pk, moved, START)
    link.refresh_from_db()
    assert link.moved_to == "https://new.example/report.pdf"
    assert happen(link, (24, Outcome.FAILED)).moved_to == ""


def test_what_somebody_wants_left_alone_is_told_again_once_it_changes(link):
    happen(link, (0, Outcome.GONE))
    Link.objects.update(is_known=True, known_by="anna")
    assert happen(link, (24, Outcome.GONE)).is_known
    assert not happen(link, (48, Outcome.ALIVE)).is_known


def test_the_history_of_an_address_has_an_end(link):
    other = Link.objects.create(url="http://docs.example/other.pdf")
    happen(other, (0, Outcome.ALIVE))
    happen(link, *((hour, Outcome.FAILED) for hour in range(noting.MOST_KEPT + 5)))
    assert link.checks.count() == noting.MOST_KEPT
    assert link.checks.first().made == START + timedelta(hours=noting.MOST_KEPT + 4)
    assert other.checks.count() == 1


def test_an_address_that_is_gone_meanwhile_is_no_error(link):
    Link.objects.all().delete()
    assert noting.note(link.pk, FOUND[Outcome.ALIVE], START) is None
    assert not LinkCheck.objects.exists()


# -- In step with the records -----------------------------------------------------------------------------------------


def test_the_addresses_of_records_are_taken_up_once_each():
    make_records([make_draft(str(number), url="http://User@Docs.Example:80/a") for number in range(3)])
    make_record("Other", url="ftp://docs.example/b")
    make_record("None")
    addresses.keep_in_step()
    addresses.keep_in_step()
    assert {(link.url, link.host) for link in Link.objects.all()} == {
        ("http://User@Docs.Example:80/a", "docs.example:80"),
        ("ftp://docs.example/b", "docs.example"),
    }


def test_the_addresses_of_withdrawn_records_are_nobody_s_care():
    make_record(url="http://docs.example/a", status="withdrawn", withdrawn_reason="Twice")
    draft = make_record(url="http://docs.example/b", status="draft")
    addresses.keep_in_step()
    assert addresses.used().get().url == draft.url
    Record.objects.filter(pk=draft.pk).update(status="withdrawn")
    assert not addresses.used().exists()


def test_the_longest_address_and_one_in_other_letters_are_kept():
    urls = ["http://docs.example/" + "ä" * 1980, "http://例え.テスト/" + "文" * 1980]
    make_records([make_draft(url, url=url) for url in urls])
    addresses.keep_in_step()
    assert [addresses.find(url).url for url in urls] == urls


def test_an_address_that_no_record_has_is_forgotten_after_a_while():
    record = make_record(url="http://docs.example/a")
    addresses.keep_in_step()
    Record.objects.filter(pk=record.pk).update(url="http://docs.example/b")
    addresses.keep_in_step()
    assert addresses.used().get().url == "http://docs.example/b"
    assert Link.objects.count() == 2
    Link.objects.update(made=START - 365 * DAY)
    addresses.keep_in_step()
    assert Link.objects.get().url == "http://docs.example/b"


def test_what_is_known_of_an_address_is_found_in_one_query_by_an_index(django_assert_num_queries):
    make_record(url="http://docs.example/a")
    [link] = addresses.take_up(["http://docs.example/a", "http://docs.example/nobody", ""])
    with django_assert_num_queries(1):
        assert addresses.find("http://docs.example/a") == link
    with django_assert_num_queries(0):
        assert addresses.find("") is None
    assert addresses.find("http://docs.example/A") is None


def test_the_archive_is_named_near_the_last_day_of_life(link):
    assert addresses.in_archive(link.url, link) == "https://web.archive.org/web/*/http://docs.example/report.pdf"
    happen(link, (0, Outcome.ALIVE))
    assert addresses.in_archive(link.url, link).startswith("https://web.archive.org/web/20260301*/http://docs")


def test_who_has_an_address_is_told_in_one_query(django_assert_num_queries):
    url = "http://docs.example/a"
    made = make_records([make_draft(f"Record {number}", url=url) for number in range(7)])
    make_record("Another spelling", url="http://www.docs.example/a/")
    links = addresses.take_up([url, "http://www.docs.example/a/"])
    with django_assert_num_queries(1):
        found = addresses.holders(links)
    count, listed = found[next(link.pk for link in links if link.url == url)]
    assert count == 7
    assert [one.number for one in listed] == [record.pk for record in made[:5]]
