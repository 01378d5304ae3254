"""Likely duplicates while somebody types, the next free shelf number, and merging two records into one."""

import threading
import time
from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction

from catalogue import changes, codes, draft, duplicates, record_merging, shelving
from catalogue.draft import Draft, Identifier
from catalogue.environment import Environment
from catalogue.models import ChangeSet, Record
from catalogue.records import read_drafts
from tests.people import make_member
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db
LONG = "What works in peer mentoring of prisoners"


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


@pytest.mark.parametrize(
    ("typed", "reasons"),
    [
        (Draft(url="http://www.example.org/a/"), ("the same address on the web",)),
        (Draft(title="Other", identifiers=(Identifier("doi", "10.1/X"),)), ("the same DOI",)),
        (Draft(title="Other", identifiers=(Identifier("isbn", "0-306-40615-2"),)), ("the same ISBN",)),
        (Draft(title="Other", shelf_number="R-7"), ("the same shelf number",)),
        (Draft(title=LONG.upper()), ("the same title",)),
        (Draft(title=LONG, year=2012), ("the same title", "the same year")),
        (Draft(title="What works in per mentoring of prisoners", year=2013), ("a title that is nearly the same",)),
        (Draft(title="What works in peer mentoring of prisoners", year=1999), ("the same title",)),
        (Draft(title=f"{LONG}: a study of three of them"), ("a title that is nearly the same",)),
        (Draft(title="What works in peer", year=2012), ("a title that is nearly the same", "the same year")),
        (Draft(title="Quite another title of a report", year=2012), ()),
    ],
)
def test_a_likely_duplicate_is_found_with_what_makes_it_likely(typed, reasons):
    identifiers = (Identifier("doi", "10.1/x"), Identifier("isbn", "9780306406157"))
    record = make_record(LONG, year=2012, url="https://example.org/a", shelf_number="R-7", identifiers=identifiers)
    found = duplicates.find(typed)
    assert [(one.number, one.reasons) for one in found] == ([(record.pk, reasons)] if reasons else [])


def test_the_strongest_evidence_comes_first_and_the_list_has_an_end():
    make_records([make_draft("Annual report", year=year) for year in range(2000, 2020)])
    same = make_record("Other", url="https://example.org/a")
    found = duplicates.find(Draft(title="Annual report", year=2010, url="https://example.org/a"))
    assert found[0].number == same.pk
    assert [one.draft.year for one in found[1:4]] == [2010, 2009, 2011]
    assert len(found) == duplicates.MOST


def test_a_record_is_no_duplicate_of_itself_nor_one_that_leads_to_it():
    record = make_record(LONG)
    make_record(LONG, status="withdrawn", replaced_by=record.pk)
    assert duplicates.find(make_draft(LONG), record.pk) == []


def test_what_is_typed_is_answered_with_duplicates_and_the_card(desk):
    record = make_record(LONG, authors=("Fletcher, Del Roy",))
    data = {"title": LONG, "summary": "<b>New</b>", "token": "6f1c4b1e-0000-4000-8000-000000000000"}
    beside = desk.post("/desk/typed/new/", data).json()["beside"]
    assert f"/desk/catalogue/record/{record.pk}/change/" in beside
    assert f'formaction="/desk/typed/new/into/{record.pk}/"' in beside
    assert "&lt;b&gt;New&lt;/b&gt;" in beside
    other = make_record("Other")
    assert f"/desk/merge/{other.pk}/{record.pk}/" in desk.post(f"/desk/typed/{other.pk}/", data).json()["beside"]


@pytest.mark.parametrize("junk", ["nul\0", "²", "x" * 3_000, "\u202e", "-1", "99999999999999999999"])
def test_whatever_is_typed_is_kept_compared_and_previewed(desk, junk):
    data = dict.fromkeys(
        ("title", "year", "url", "status", "kind", "language", "keywords", "country", "modified"), junk
    )
    rows = {"authors-TOTAL_FORMS": "1", "identifiers-TOTAL_FORMS": "1", "authors-0-ORDER": junk}
    names = ("authors-0-heading", "authors-0-kind", "authors-0-orcid", "identifiers-0-scheme", "identifiers-0-value")
    data |= rows | dict.fromkeys(names, junk) | {"token": "6f1c4b1e-0000-4000-8000-000000000000"}
    for address in ("/desk/typed/new/", "/desk/typed/new/preview/"):
        assert desk.post(address, data).status_code == 200
    assert desk.get("/desk/catalogue/record/add/", {"typed": data["token"]}).status_code == 200
    assert desk.post("/desk/catalogue/record/add/", data | {"_look": ""}).status_code == 200
    assert (
        desk.post("/desk/catalogue/record/add/", data | {"authors-TOTAL_FORMS": junk, "_look": ""}).status_code == 200
    )


def test_who_may_add_but_not_see_records_is_told_of_none(client, django_user_model):
    user = make_member("typist")
    user.user_permissions.add(Permission.objects.get(codename="add_record"))
    client.force_login(user)
    record = make_record("Internal plan of the house", summary="Not for typists")
    data = {"title": "Internal plan of the house", "token": "6f1c4b1e-0000-4000-8000-000000000000"}
    assert f"/{record.pk}/" not in client.post("/desk/typed/new/", data).json()["beside"]
    assert "Not for typists" not in client.get(f"/desk/catalogue/record/add/?copy={record.pk}").content.decode()


def test_without_javascript_the_form_shows_them_when_asked_and_keeps_what_was_typed(desk):
    make_record(LONG)
    page = desk.post("/desk/catalogue/record/add/", {"title": LONG, "year": "soon", "_look": ""})
    assert len(page.context["duplicates"]) == 1
    assert page.context["form"]["year"].value() == "soon"
    assert Record.objects.count() == 1


def test_the_preview_is_the_public_page_with_preferred_headings_and_nothing_saved(desk):
    make_record(keywords=("Prisons",))
    data = {"title": "Seen <before>", "keywords": "prisons\nNew one", "url": "javascript:alert(1)", "year": "2012"}
    page = desk.post("/desk/typed/new/preview/", data).content.decode()
    assert "A preview" in page
    assert "Seen &lt;before&gt;" in page
    assert ">Prisons</a>" in page
    assert "javascript:" not in page
    assert Record.objects.count() == 1


@pytest.mark.parametrize(
    ("pattern", "given", "offered"),
    [
        ("R-{number:06}", [], "R-000001"),
        ("R-{number:06}", ["R-000041", "X-99", "R-41"], "R-000042"),
        ("{number}/GL", ["9/GL", "10/GL"], "11/GL"),
        ("", ["K 7", "K 9", "K 8"], "K 10"),
        ("", ["K-007", "K-008", "127"], ""),
        ("", ["A", "B", "C"], ""),
        ("", [], ""),
    ],
)
def test_the_next_free_shelf_number_follows_the_pattern_that_is_set_or_learnt(settings, pattern, given, offered):
    settings.SHELF_NUMBER_PATTERN = pattern
    make_records([make_draft(shelf_number=number) for number in given])
    assert shelving.next_free() == offered


def test_a_shelf_number_that_is_taken_is_not_offered(settings, monkeypatch):
    monkeypatch.setattr(shelving, "MOST_LEARNT", 1)
    settings.SHELF_NUMBER_PATTERN = "R-{number}"
    make_records([make_draft(shelf_number=number) for number in ("R-6", "R-5")])
    assert shelving.next_free() == "R-7"


@pytest.mark.parametrize("wrong", ["R", "R-{n}", "{number}{number}", "{number:x}", "{number.real}", "R-{"])
def test_a_wrong_pattern_is_refused_by_the_name_of_its_setting(wrong):
    with pytest.raises(Exception, match="SHELF_NUMBER_PATTERN is"):
        Environment({"SHELF_NUMBER_PATTERN": wrong}).shelf_pattern("SHELF_NUMBER_PATTERN")


def merged(desk, this: Record, other: Record, **choices: str):
    address = f"/desk/merge/{this.pk}/{other.pk}/"
    form = desk.get(address).context["form"]
    return desk.post(address, {box.html_name: box.value() or "" for box in form} | choices, follow=True)


def test_two_records_become_one_field_by_field_and_the_other_address_leads_on(desk, client):
    this = make_record("A title", keywords=("A", "B"), year=2011, identifiers=(Identifier("doi", "10.1/x"),))
    other = make_record("Another", keywords=("B", "C"), year=2012, summary="Only here", country="Chile")
    led = make_record("Led", status="withdrawn", replaced_by=other.pk)
    page = merged(desk, this, other, year="other")
    assert "its address leads here" in page.content.decode()
    drafts = read_drafts([this.pk, other.pk, led.pk])
    assert drafts[this.pk] == make_draft(
        "A title", keywords=("A", "B", "C"), year=2012, summary="Only here", country="Chile",
        identifiers=(Identifier("doi", "10.1/x"),),
    )  # fmt: skip
    assert drafts[led.pk].replaced_by == this.pk
    client.logout()
    moved = client.get(f"/records/{other.pk}")
    assert (moved.status_code, moved.url) == (301, f"/records/{this.pk}")
    assert client.get(f"/records/{led.pk}").url == f"/records/{this.pk}"


def test_a_merge_is_one_change_set_and_is_undone_as_one(desk):
    this, other = make_records([make_draft("One", keywords=("A",)), make_draft("Two", keywords=("B",))])
    before = read_drafts([this.pk, other.pk])
    merged(desk, this, other, title="other")
    change_set = ChangeSet.objects.get(kind="merge")
    assert change_set.changes.count() == 2
    for _time in range(2):
        desk.post(f"/desk/catalogue/changeset/{change_set.pk}/undo/")
        assert read_drafts([this.pk, other.pk]) == before
    assert ChangeSet.objects.filter(kind="undo").count() == 1


def test_an_undo_leaves_alone_what_was_changed_since(desk):
    this, other = make_records([make_draft("One"), make_draft("Two")])
    merged(desk, this, other, title="other")
    Record.objects.filter(pk=this.pk).update(title="Later")
    number = ChangeSet.objects.get(kind="merge").pk
    page = desk.post(f"/desk/catalogue/changeset/{number}/undo/", follow=True).content.decode()
    assert "changed since" in page
    drafts = read_drafts([this.pk, other.pk])
    assert [drafts[this.pk].title, drafts[other.pk].status] == ["Later", "published"]


def test_a_merge_of_records_that_were_changed_meanwhile_shows_them_once_more(desk):
    this, other = make_records([make_draft("One"), make_draft("Two")])
    address = f"/desk/merge/{this.pk}/{other.pk}/"
    data = {box.html_name: box.value() or "" for box in desk.get(address).context["form"]}
    Record.objects.filter(pk=other.pk).update(title="Changed")
    page = desk.post(address, data)
    assert page.status_code == 409
    assert "Changed" in page.content.decode()
    assert not ChangeSet.objects.filter(kind="merge").exists()


def _is_waited_for() -> bool:
    """Tell whether another session waits for a row that this one has locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_what_somebody_writes_meanwhile_into_a_record_that_led_to_the_other_is_kept():
    this, other = make_records([make_draft("One"), make_draft("Two")])
    led = make_record("Led", status="withdrawn", replaced_by=other.pk)
    both = read_drafts([this.pk, other.pk])

    def merge() -> None:
        record_merging.merge((this.pk, other.pk), (both[this.pk], both[other.pk]), None)
        connection.close()

    merging = threading.Thread(target=merge)
    with transaction.atomic():
        written = make_draft("Led", status="withdrawn", replaced_by=other.pk, summary="New")
        changes.apply(changes.open_change_set(codes.EDIT), [changes.Wish(written, led.pk)])
        merging.start()
        while merging.is_alive() and not _is_waited_for():
            time.sleep(0.01)
    merging.join()
    assert read_drafts([led.pk])[led.pk] == replace(written, replaced_by=this.pk)


def test_the_published_status_is_kept_whichever_record_stays(desk):
    this, other = make_records([make_draft("One", status="draft"), make_draft("One")])
    merged(desk, this, other)
    assert read_drafts([this.pk])[this.pk] == replace(make_draft("One"))


def test_what_stays_is_never_withdrawn_by_merging_one_that_is(desk):
    this, gone = make_records([make_draft("One"), make_draft("Two", status="withdrawn", withdrawn_reason="Wrong")])
    assert "status" not in desk.get(f"/desk/merge/{this.pk}/{gone.pk}/").context["form"].fields
    merged(desk, this, gone, status="other")
    assert read_drafts([this.pk])[this.pk] == make_draft("One")


def test_a_merge_into_more_than_a_record_can_be_is_refused_in_a_sentence(desk, monkeypatch):
    monkeypatch.setattr(draft, "MOST_HEADINGS", 2)
    this, other = make_records([make_draft("One", keywords=("A", "B")), make_draft("Two", keywords=("C",))])
    page = merged(desk, this, other)
    assert page.status_code == 409
    assert "Keywords: These are more than a record can have (2). Keep less of it." in page.content.decode()
    assert not ChangeSet.objects.filter(kind="merge").exists()


def test_only_two_records_of_which_the_first_stands_can_be_merged(desk):
    this, gone = make_records([make_draft("One"), make_draft("Two", status="withdrawn", withdrawn_reason="Wrong")])
    for pair in ((this.pk, this.pk), (this.pk, 10**25), (this.pk, gone.pk + 99), (gone.pk, this.pk)):
        assert desk.get("/desk/merge/{}/{}/".format(*pair)).status_code == 404


@pytest.mark.parametrize("facts", [{}, {"keywords": tuple("ABCDEFGH"), "authors": tuple("IJKLMNOP")}])
def test_what_stands_beside_the_form_costs_a_bounded_number_of_queries(desk, facts, django_assert_max_num_queries):
    records = make_records([make_draft(LONG, year=2012, **facts) for _ in range(20 if facts else 1)])
    with django_assert_max_num_queries(14):
        assert duplicates.find(make_draft(LONG, year=2012))
    with django_assert_max_num_queries(30):
        desk.get(f"/desk/catalogue/record/{records[0].pk}/change/")
