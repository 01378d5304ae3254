"""Counts of searches: what is counted and what is not, that nobody waits for it, and what the librarians see of it."""

import logging
import threading
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue import changes
from catalogue.groups import CATALOGUER
from catalogue.models import ChangeSet, Keyword, KeywordVariant
from search import counts, counts_page
from search.models import SearchCount
from tests.people import make_account, make_member
from tests.records import make_record
from tests.test_pages import Page, search, titles

pytestmark = pytest.mark.django_db(transaction=True)

What = SearchCount.What


@pytest.fixture(autouse=True)
def buffer(monkeypatch) -> counts.Buffer:
    """A buffer that writes only when it is told to."""
    made = counts.Buffer(seconds=0)
    monkeypatch.setattr(counts, "BUFFER", made)
    return made


@pytest.fixture
def reader() -> Client:
    return Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})


@pytest.fixture
def librarian() -> Client:
    client = Client()
    client.force_login(make_account("ann"))
    return client


def counted(what: str) -> dict[str, int]:
    counts.BUFFER.write()
    return dict(SearchCount.objects.filter(what=what).values_list("text", "count"))


def test_searches_are_counted_with_their_words_and_whether_they_found_something(reader):
    make_record("Peer support")
    for q in ("peer", " PEER ", "gaol", "peer"):
        search(reader, q=q)
    search(reader, in_country="Norway")
    assert counted(What.SEARCHES) == {"": 5}
    assert counted(What.WORDS) == {"peer": 3, "gaol": 1}
    assert counted(What.NOTHING) == {"gaol": 1}
    assert sum(counted(What.TIME).values()) == 5
    search(reader, q="gaol", title="x")
    assert counted(What.NOTHING) == {"gaol": 1, "gaol; title: x": 1}
    assert counted(What.SEARCHES) == {"": 6}
    assert set(SearchCount.objects.values_list("day", flat=True)) == {timezone.localdate()}


def test_other_pages_robots_and_heads_are_not_counted(reader):
    search(reader, q="peer", page=2)
    reader.head("/search?q=peer")
    for agent in ("", "Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8", "python-requests/2", "Feedfetcher"):
        search(Client(headers={"user-agent": agent}), q="peer")
    assert counted(What.SEARCHES) == {}
    search(reader, q="peer", page="1")
    assert counted(What.SEARCHES) == {"": 1}


def test_nothing_of_the_person_is_written(reader):
    reader.get("/search", {"q": "peer"}, headers={"referer": "http://secret.example"}, REMOTE_ADDR="192.0.2.77")
    counts.BUFFER.write()
    stored = " ".join(str(list(row.values())) for row in SearchCount.objects.values())
    assert "192.0.2.77" not in stored
    assert "secret" not in stored
    assert {field.name for field in SearchCount._meta.fields} == {"id", "day", "what", "text", "count"}


def test_a_page_asks_the_database_no_more_for_being_counted(reader, client):
    make_record("Peer")
    search(client, q="peer")
    with CaptureQueriesContext(connection) as uncounted:
        search(client, q="peer")
    with CaptureQueriesContext(connection) as together:
        search(reader, q="peer")
    assert len(together) == len(uncounted)
    assert counted(What.SEARCHES) == {"": 1}


def test_all_counts_are_written_in_one_statement_and_add_up(buffer):
    for number in range(50):
        buffer.note(f"words {number % 7}", number % 2, 3.2)
    with CaptureQueriesContext(connection) as queries:
        buffer.write()
    assert len([query for query in queries if "INSERT" in query["sql"]]) == 1
    buffer.note("words 1", 1, 3.2)
    assert counted(What.WORDS)["words 1"] == len([n for n in range(50) if n % 7 == 1]) + 1
    assert counted(What.TIME) == {"3": 51}


def test_counts_are_written_by_a_thread_after_a_while_or_when_there_are_many(monkeypatch):
    slow = counts.Buffer(seconds=60)
    monkeypatch.setattr(counts, "MOST_SEARCHES", 5)
    for _ in range(5):
        slow.note("peer", 1, 1)
    quick = counts.Buffer(seconds=0.05)
    quick.note("peer", 1, 1)
    until = monotonic() + 20
    while SearchCount.objects.filter(what=What.WORDS, count=6).count() < 1 and monotonic() < until:
        sleep(0.05)
    assert counted(What.WORDS) == {"peer": 6}
    for thread in threading.enumerate():
        if thread.name == "counts":
            thread.join(10)


def test_counts_that_cannot_be_written_fail_no_page_and_are_noted(reader, monkeypatch, caplog):
    def refuse() -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(counts, "prune", refuse)
    search(reader, q="peer")
    with caplog.at_level(logging.ERROR, "search.counts"):
        counts.BUFFER.write()
    assert "could not be written: the disk is full" in caplog.text
    search(reader, q="peer")


def test_a_flood_of_words_is_counted_as_searches_only(buffer, monkeypatch):
    monkeypatch.setattr(counts, "MOST_TEXTS_A_DAY", 10)
    for number in range(20):
        buffer.note("known", 1, 1)
        buffer.note(f"word {number}", 1, 1)
        buffer.write()
    assert counted(What.SEARCHES) == {"": 40}
    assert counted(What.WORDS)["known"] == 20
    assert len(counted(What.WORDS)) < 10


def test_junk_is_counted_without_harm(reader, buffer):
    for junk in ("\0", "x" * 10_000, "\ud800", "\u202e\ufffe", "%s %(x)s", "'; DROP TABLE x; --"):
        buffer.note(junk, 0, 1e12)
        reader.get("/search", {"q": junk.replace("\ud800", "")})
    assert max(map(len, counted(What.WORDS))) <= 100
    assert max(map(int, counted(What.TIME))) == 600_000


def test_words_searched_once_are_forgotten_after_ninety_days():
    today = timezone.localdate()
    rows = [
        (What.WORDS, "once, old", 1, 91),
        (What.NOTHING, "once, old", 1, 91),
        (What.WORDS, "twice, old", 2, 91),
        (What.WORDS, "once, new", 1, 89),
        (What.SEARCHES, "", 1, 500),
        (What.TIME, "12", 9, 401),
        (What.TIME, "13", 1, 100),
    ]
    SearchCount.objects.bulk_create(
        SearchCount(day=today - timedelta(days=days), what=what, text=text, count=count)
        for what, text, count, days in rows
    )
    counts.prune()
    assert set(SearchCount.objects.values_list("text", flat=True)) == {"twice, old", "once, new", "", "13"}


def test_times_are_rounded_to_two_figures():
    assert [counts.rounded(time) for time in (0, 0.4, 1.6, 99, 101, 1234, 10**9)] == [0, 0, 2, 99, 110, 1300, 600_000]


def test_the_share_of_times_is_the_time_within_which_so_many_were_answered():
    times = [(10, 90), (50, 8), (500, 2)]
    assert [counts_page.share(times, part) for part in (0.5, 0.95, 0.99, 1.0)] == [10, 50, 500, 500]
    assert counts_page.share([], 0.5) is None


def test_the_page_is_for_those_who_may_see_records(client):
    assert client.get("/desk/searches/").status_code == 302
    client.force_login(make_member("bob"))
    assert client.get("/desk/searches/").status_code == 403
    assert "What people search for" not in Page(client.get("/desk/")).text


def test_librarians_see_searches_times_and_what_found_nothing(reader, librarian):
    make_record("Peer support")
    for q in ("peer", "peer", "gaol <b>"):
        search(reader, q=q)
    assert "/desk/searches/" in Page(librarian.get("/desk/")).links()
    page = Page(librarian.get("/desk/searches/"))
    assert "Searched for Times Finds now Make it lead to a keyword gaol <b> 1 0" in page.text
    assert "peer 2" in page.text
    assert "/search?q=gaol+%3Cb%3E" in page.links()
    assert f"{timezone.localdate()} 3" in page.text
    assert " ms" in page.text


def test_a_search_that_found_nothing_becomes_another_form_of_a_keyword_and_then_finds(reader, librarian):
    make_record("Report", keywords=("Jails",))
    search(reader, keyword="x")
    search(reader, q="gaols")
    response = librarian.post("/desk/searches/", {"form": "gaols", "keyword": "jails"}, follow=True)
    page = Page(response)
    assert "“gaols” now leads to “Jails”." in page.text
    assert titles(search(reader, q="gaols")) == ["Report"]
    assert "gaols 1 1" in page.text, "it finds now"
    changes.undo(ChangeSet.objects.filter(heading_changes__isnull=False).get())
    assert not KeywordVariant.objects.exists()


def test_a_form_that_leads_elsewhere_is_refused_and_this_is_said(librarian):
    make_record("Report", keywords=("Jails", "Prisons"))
    KeywordVariant.objects.create(form="Gaols", authority=Keyword.objects.get(heading="Jails"))
    for form, keyword, sentence in (
        ("GAOLS", "Prisons", "This form already leads to a heading."),
        ("prisons", "Jails", "“Prisons” is a keyword of its own."),
        ("gaol", "Nothing", "There is no heading “Nothing”."),
        ("gaol", "", "Name the keyword that it shall lead to."),
    ):
        page = Page(librarian.post("/desk/searches/", {"form": form, "keyword": keyword}, follow=True))
        assert sentence in page.text
    assert KeywordVariant.objects.count() == 1
    for junk in ({}, {"form": "\0", "keyword": "\0"}, {"form": "x" * 500, "keyword": "Jails"}):
        assert librarian.post("/desk/searches/", junk).status_code == 302


def test_only_those_who_may_add_forms_can_mend_and_only_from_our_page(librarian):
    make_record("Report", keywords=("Jails",))
    user = User.objects.get(username="ann")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post("/desk/searches/", {"form": "gaol", "keyword": "Jails"}).status_code == 403
    group = Group.objects.get(name=CATALOGUER)
    group.permissions.remove(group.permissions.get(codename="add_keywordvariant"))
    assert librarian.get("/desk/searches/").status_code == 200
    assert librarian.post("/desk/searches/", {"form": "gaol", "keyword": "Jails"}).status_code == 403
