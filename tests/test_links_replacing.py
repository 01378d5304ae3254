"""Addresses replaced by rule: what a rule speaks of, its preview, and its change set, which can be undone."""

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalogue import changes, importing
from catalogue.draft import LIMITS
from catalogue.linkcheck import replacing
from catalogue.linkcheck.models import Link
from catalogue.linkcheck.replacing import Refused, carry_out, plan, rule
from catalogue.models import Change, ChangeSet, Record
from tests.processes import database_url
from tests.records import make_draft, make_record, make_records


def urls() -> list[str]:
    return list(Record.objects.order_by("pk").values_list("url", flat=True))


def records_at(*addresses: str) -> list[Record]:
    return make_records([make_draft(f"Record {number}", url=url) for number, url in enumerate(addresses)])


@pytest.mark.parametrize(
    ("url", "after"),
    [
        ("http://www.old.org/a/b?c=d#e", "https://new.org/a/b?c=d#e"),
        ("http://www.old.org/", "https://new.org/"),
        ("HTTP://WWW.Old.org/A", "https://new.org/A"),
        ("http://www.old.org", "http://www.old.org"),
        ("https://www.old.org/a", "https://www.old.org/a"),
        ("http://www.old.org.evil.example/a", "http://www.old.org.evil.example/a"),
        ("http://www.old.org:8080/a", "http://www.old.org:8080/a"),
        ("http://other.org/http://www.old.org/", "http://other.org/http://www.old.org/"),
        ("", ""),
    ],
)
def test_a_rule_for_a_host_speaks_of_that_host_alone(url, after):
    assert rule("http://www.old.org/", "https://new.org/", True).replaced(url) == after


def test_a_rule_without_a_slash_speaks_of_the_whole_host_too():
    wanted = rule("http://www.old.org", "https://new.org", True)
    assert wanted.replaced("http://www.old.org") == "https://new.org"
    assert wanted.replaced("http://www.old.org?a=b") == "https://new.org?a=b"
    assert wanted.replaced("http://www.old.organic/a") == "http://www.old.organic/a"


def test_of_a_path_the_capitals_matter():
    wanted = rule("http://old.org/Reports/", "http://new.org/", True)
    assert wanted.replaced("http://OLD.org/Reports/1") == "http://new.org/1"
    assert wanted.replaced("http://old.org/reports/1") == "http://old.org/reports/1"


@given(st.text(alphabet="/?#%_\\.ab:", max_size=12), st.text(alphabet="/?#%_\\.ab:", max_size=12))
def test_a_rule_undone_by_its_reverse_gives_what_was(path, rest):
    there = rule(f"http://old.org/{path}", "http://new.org/x/", True)
    back = rule("http://new.org/x/", f"http://old.org/{path}", True)
    url = f"http://old.org/{path}{rest}"
    assert back.replaced(there.replaced(url)) == url


@pytest.mark.parametrize(
    ("old", "new"), [("", "http://a.b/"), ("http://a.b/", "a.b"), ("http://", "http://a.b"), ("x", "y")]
)
def test_a_rule_that_makes_no_sense_is_refused_in_a_sentence(old, new):
    with pytest.raises(Refused, match="is no address"):
        rule(old, new, True)
    with pytest.raises(Refused, match="the same"):
        rule("http://a.b/", " http://a.b/", False)


@pytest.mark.django_db
def test_what_would_change_is_shown_and_nothing_is_changed():
    made = records_at("http://old.org/1", "http://other.org/2", "http://old.org/3")
    found = plan(rule("http://old.org/", "https://new.org/", True))
    assert found.numbers == [made[0].pk, made[2].pk]
    assert (found.examples[0].before, found.examples[0].after) == ("http://old.org/1", "https://new.org/1")
    assert ChangeSet.objects.count() == 1
    assert urls()[0] == "http://old.org/1"


@pytest.mark.django_db
def test_letters_that_the_database_takes_for_wildcards_are_letters():
    records_at("http://old.org/a_b%c/1", "http://old.org/axb1c/1")
    carry_out(rule("http://old.org/a_b%c/", "http://new.org/", True))
    assert urls() == ["http://new.org/1", "http://old.org/axb1c/1"]


@pytest.mark.django_db
def test_one_address_is_replaced_in_all_records_that_have_it_whatever_their_status_and_undone():
    make_records([make_draft(status, url="http://a.b/c", status=status) for status in ("draft", "published", "review")])
    make_record("Longer", url="http://a.b/c/d")
    make_record("Another spelling", url="http://www.a.b/c/")
    before = urls()
    change_set, count = carry_out(rule("http://a.b/c", "https://x.y/z", False), "anna", "They have moved")
    assert count == 3
    assert urls() == ["https://x.y/z"] * 3 + before[3:]
    assert (change_set.kind, change_set.reason, change_set.user_name) == ("batch", "They have moved", "anna")
    assert Link.objects.filter(url="https://x.y/z", status="new").exists()
    changes.undo(change_set)
    assert urls() == before


@pytest.mark.django_db
def test_a_record_that_has_changed_since_is_left_alone_by_the_undo():
    first, _second = records_at("http://old.org/1", "http://old.org/2")
    change_set, _count = carry_out(rule("http://old.org/", "http://new.org/", True))
    changes.apply(changes.open_change_set("edit"), [changes.Wish(make_draft("Other"), first.pk)])
    undone = changes.undo(change_set)
    assert undone.changed_since == (first.pk,)
    assert urls() == ["", "http://old.org/2"]


@pytest.mark.django_db
def test_an_address_that_would_be_too_long_is_left_out_and_told():
    long = "http://old.org/" + "a" * (LIMITS["url"] - 15)
    records_at("http://old.org/1", long)
    wanted = rule("http://old.org/", "https://a-much-longer-name.org/", True)
    found = plan(wanted)
    assert (len(found.numbers), found.left_total, found.left_out[0].before) == (1, 1, long)
    carry_out(wanted)
    assert urls() == ["https://a-much-longer-name.org/1", long]


@pytest.mark.django_db
def test_a_rule_that_speaks_of_nothing_leaves_no_change_set():
    with pytest.raises(Refused, match="No record"):
        carry_out(rule("http://old.org/", "http://new.org/", True))
    assert not ChangeSet.objects.exists()


@pytest.mark.django_db
def test_more_than_can_be_undone_at_once_is_refused(monkeypatch):
    monkeypatch.setattr(replacing, "MOST_REPLACED", 1)
    records_at("http://old.org/1", "http://old.org/2")
    with pytest.raises(Refused, match="several steps"):
        carry_out(rule("http://old.org/", "http://new.org/", True))


@pytest.mark.django_db
def test_nothing_is_replaced_while_an_import_writes():
    records_at("http://old.org/1")
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [importing.LOCK])
        with pytest.raises(Refused, match="import"):
            carry_out(rule("http://old.org/", "http://new.org/", True))
    assert urls() == ["http://old.org/1"]


@pytest.mark.django_db
def test_two_thousand_records_are_changed_in_a_bounded_number_of_queries():
    counts = []
    for many in (20, 2000):
        records_at(*(f"http://old{many}.org/{number}" for number in range(many)))
        with CaptureQueriesContext(connection) as queries:
            carry_out(rule(f"http://old{many}.org/", "http://new.org/", True))
        counts.append(len(queries))
    assert Change.objects.filter(change_set__kind="batch").count() == 2020
    assert counts[1] <= 2 * counts[0] + 10
