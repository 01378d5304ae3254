"""The desk's pages of batch edits: from a search or ticked records over steps and preview to what came of it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalogue.admin.batch import taking
from catalogue.batch.models import Batch
from catalogue.groups import ADMINISTRATOR, CATALOGUER
from catalogue.models import ChangeSet, Keyword, Record
from catalogue.people import rights
from tests.batches import do_what_waits, make_batch
from tests.people import make_account
from tests.records import make_draft, make_record, make_records

ANYONE, ACCOUNT = "", "account"
EMPTY = {"replace_in": "title"}


@pytest.fixture
def ann(db):
    return make_account("ann")


@pytest.fixture
def desk(client, ann):
    client.force_login(ann)
    return client


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def address(item: Batch) -> str:
    return reverse("admin:batch_edit", args=[item.pk])


def press(desk, item: Batch, action: str, **values):
    return desk.post(address(item), {"action": action, **values}, follow=True)


@pytest.mark.django_db(transaction=True)
def test_a_search_is_taken_previewed_done_and_undone(desk):
    make_records(
        [make_draft(f"Prison mentoring {n}", status=status) for n, status in enumerate(("draft", "published"))]
        + [make_draft("Something else")]
    )
    page = desk.get("/desk/batch/", {"q": "mentoring"})
    assert "2 records found" in text_of(page)
    assert "Change all 2 records" in text_of(page)
    page = desk.post("/desk/batch/begin/", {"search": "q=mentoring", "take": "all"}, follow=True)
    item = Batch.objects.get()
    assert page.redirect_chain[-1][0] == address(item)
    assert "Prison mentoring 0" in text_of(page)
    page = press(desk, item, "preview", **EMPTY, add="Peer Support", find="mentoring", put="coaching")
    assert "Preview: nothing has been changed yet" in text_of(page)
    assert "Would change 2" in text_of(page)
    assert "New keywords: “ Peer Support ”" in text_of(page)
    assert "<del>mentoring</del>" in page.content.decode()
    assert "<ins>coaching</ins>" in page.content.decode()
    assert Record.objects.filter(title__contains="mentoring").count() == 2
    page = press(
        desk, item, "do", run=page.context["form"]["run"].initial or Batch.objects.get().run, reason="Plain words"
    )
    assert "Changed 2" in text_of(page)
    change_set = ChangeSet.objects.get(kind="batch")
    assert (change_set.user_name, change_set.reason) == ("ann", "Plain words")
    assert "2 records found" in text_of(desk.get("/desk/batch/", {"keyword": "peer support", "title": "coaching"}))
    page = desk.post(f"/desk/catalogue/changeset/{change_set.pk}/undo/", {"reason": ""}, follow=True)
    assert "Records put back: 2" in text_of(page)
    assert Record.objects.filter(title__contains="mentoring").count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_selection_has_the_boxes_facets_and_statuses_of_the_search(desk):
    make_records(
        [
            make_draft("Prisons in Chile", country="Chile", year=2010, status="withdrawn", withdrawn_reason="x"),
            make_draft("Prisons in Peru", country="Peru", year=2011),
            make_draft("Prisons in Peru again", country="Peru", year=2012, status="review"),
        ]
    )

    def count(**parameters) -> int:
        return desk.get("/desk/batch/", parameters).context["count"]

    assert count() == 3
    assert count(q="prisons", in_country="Peru") == 2
    assert count(title="peru", year="2012-") == 1
    assert count(not_country="Peru") == 1
    assert count(status="withdrawn") == 1
    assert count(status=["review", "withdrawn"]) == 2
    assert count(q="title:peru NOT again") == 1
    page = desk.get("/desk/batch/", {"in_country": "Peru", "status": "review"})
    assert 'href="/desk/batch/?status=review"' in page.content.decode()  # takes the country off
    assert 'name="in_country" value="Peru"' in page.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "parameters",
    [
        {"q": "()"},
        {"year": "x"},
        {"status": "nonsense"},
        {"page": "9999999"},
        {"sort": "x"},
        {"q": "\0" * 9},
        {"in_year": "²"},
    ],
)
def test_the_selection_takes_any_address(desk, parameters):
    make_record()
    assert desk.get("/desk/batch/", parameters).status_code == 200
    search = "&".join(f"{name}={value}" for name, value in parameters.items())
    assert desk.post("/desk/batch/begin/", {"search": search, "take": "all"}, follow=True).status_code == 200


@pytest.mark.django_db
def test_ticked_records_alone_are_taken(desk):
    made = make_records([make_draft("One"), make_draft("Two"), make_draft("Three")])
    chosen = [made[0].pk, made[2].pk, "x", "9" * 30]
    desk.post("/desk/batch/begin/", {"search": "", "take": "ticked", "record": chosen})
    assert Batch.objects.get().numbers == [made[0].pk, made[2].pk]


@pytest.mark.django_db(transaction=True)
def test_no_tick_is_no_selection_and_never_everything(desk):
    make_record()
    page = desk.post("/desk/batch/begin/", {"search": "q=x", "take": "ticked"}, follow=True)
    assert page.redirect_chain[0][0] == "/desk/batch/?q=x"
    assert "There are no records to change." in text_of(page)
    assert not Batch.objects.exists()


@pytest.mark.django_db
def test_records_selected_in_the_admin_list_are_changed_together(desk):
    made = make_records([make_draft(f"Record {n}") for n in range(60)])
    chosen = {"action": "change_many", "reason": "", "_selected_action": [made[1].pk, made[2].pk]}
    page = desk.post("/desk/catalogue/record/", chosen)
    assert page.url == address(Batch.objects.get())
    assert Batch.objects.get().numbers == [made[1].pk, made[2].pk]
    desk.post("/desk/catalogue/record/", {**chosen, "select_across": "1"})
    assert Batch.objects.first().count == 60


@pytest.mark.django_db
def test_many_records_that_are_withdrawn_in_the_admin_list_are_a_batch_edit_with_a_preview(desk, monkeypatch):
    monkeypatch.setattr("catalogue.admin.records.MOST_AT_ONCE", 1)
    made = make_records([make_draft("One"), make_draft("Two")])
    chosen = {"action": "withdraw", "reason": "Retracted", "_selected_action": [record.pk for record in made]}
    page = desk.post("/desk/catalogue/record/", chosen, follow=True)
    assert page.context["chosen"] == ["Set the status to “Withdrawn”: Retracted"]
    assert not Record.objects.filter(status="withdrawn").exists()


@pytest.mark.django_db(transaction=True)
def test_a_list_that_shows_the_best_of_many_leads_to_the_page_that_takes_all(desk, monkeypatch):
    monkeypatch.setattr("catalogue.admin.listing.MOST_FOUND", 1)
    make_records([make_draft("Prison one"), make_draft("Prison two")])
    page = desk.get("/desk/catalogue/record/", {"q": "prison"}).content.decode()
    assert '<a href="/desk/batch/?q=prison">Change all of them</a>' in page


@pytest.mark.django_db(transaction=True)
def test_the_public_results_lead_staff_to_the_same_records_and_nobody_else(desk, client, ann):
    make_record("Prisons", country="Chile")
    link = "/desk/batch/?q=prisons&amp;in_country=Chile&amp;status=published"
    assert link in desk.get("/search?q=prisons&in_country=Chile&page=1").content.decode()
    client.logout()
    assert "/desk/batch/" not in client.get("/search?q=prisons&in_country=Chile").content.decode()


@pytest.mark.django_db
def test_steps_are_added_one_by_one_taken_away_and_changed_after_a_preview(desk, ann):
    Keyword.objects.create(heading="Old")
    make_record(keywords=("Old",))
    item = make_batch(ann)
    press(desk, item, "add", **EMPTY, instead_of="old", put_keyword="New")
    page = press(desk, item, "add", **EMPTY, year="2001", clear_language="on", document_kind="report")
    sentences = page.context["chosen"]
    assert sentences == [
        "Replace the keyword “Old” by “New”",
        "Set the year to “2001”",
        "Clear the language",
        "Set the kind of document to “Report”",
    ]
    press(desk, item, "drop", place="2")
    page = press(desk, item, "preview", **EMPTY)
    assert page.context["chosen"] == [*sentences[:2], sentences[3]]
    page = press(desk, item, "change")
    assert "Show what would change" in text_of(page)
    assert len(Batch.objects.get().steps) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Fill in at least one step."),
        ({"remove": "Nowhere"}, "There is no heading “Nowhere”."),
        ({"add": "k" * 401}, "A heading can have at most 400 characters."),
        ({"put_keyword": "New"}, "Name both keywords"),
        ({"language": "e1"}, "A language is an ISO 639 code"),
        ({"year": "9999"}, "less than or equal to 2100"),
        ({"year": "2001", "clear_year": "on"}, "Either a value, or clear it."),
        ({"status": "withdrawn"}, "Say why they are withdrawn: the public is told."),
        ({"status": "nonsense"}, "Select a valid choice"),
        ({"put": "x"}, "Say what is to be found."),
        ({"find": "x" * 501}, "at most 500 characters"),
        ({"find": "x", "replace_in": "status"}, "Select a valid choice"),
        ({"add": "\n".join(f"K{n}" for n in range(21))}, "At most 20 steps"),
    ],
)
def test_what_is_wrong_in_a_step_is_said_and_what_was_typed_is_kept(desk, ann, values, sentence):
    make_record()
    item = make_batch(ann)
    page = press(desk, item, "preview", **{**EMPTY, **values})
    assert page.status_code == 422
    assert sentence in page.content.decode().replace("&#x27;", "'")
    assert Batch.objects.get().steps == []


@pytest.mark.django_db
def test_publishing_validates_and_withdrawing_gives_its_reason(desk, ann):
    record = make_record(status="review")
    item = make_batch(ann)
    press(desk, item, "preview", **EMPTY, status="withdrawn", withdrawn_reason="Retracted by its authors")
    press(desk, item, "do", run=Batch.objects.get().run, reason="Asked to")
    record.refresh_from_db()
    assert (record.status, record.withdrawn_reason) == ("withdrawn", "Retracted by its authors")
    Record.objects.filter(pk=record.pk).update(rights="x" * 2_001)  # what the form refuses too
    item = make_batch(ann)
    page = press(desk, item, "preview", **EMPTY, status="published")
    assert "Left out, as they would be wrong" in text_of(page)
    assert "This is 2001 characters long" in text_of(page)


@pytest.mark.django_db
def test_nothing_is_done_without_a_reason_or_of_another_preview(desk, ann):
    record = make_record()
    item = make_batch(ann)
    press(desk, item, "preview", **EMPTY, year="2001")
    run = Batch.objects.get().run
    assert "Say why these records are changed." in text_of(press(desk, item, "do", run=run, reason=" "))
    press(desk, item, "change")
    press(desk, item, "preview", **EMPTY, year="1999")
    page = press(desk, item, "do", run=run, reason="Why")
    assert "it has gone on meanwhile" in text_of(page)
    record.refresh_from_db()
    assert record.year is None


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["do", "undo", "again", "change", "drop", "nonsense", ""])
def test_a_button_that_does_not_fit_is_answered_with_a_sentence(desk, ann, action):
    make_record()
    page = press(desk, make_batch(ann), action, place="7")
    assert re.search("cannot be done now|no such button", text_of(page))


@pytest.mark.django_db(transaction=True)
def test_a_large_batch_edit_runs_on_the_queue_with_a_page_that_shows_how_far_it_is(desk, ann, monkeypatch):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 1)
    make_records([make_draft("One"), make_draft("Two")])
    item = make_batch(ann)
    page = press(desk, item, "preview", **EMPTY, year="2001")
    assert "No worker is running." in text_of(page)
    assert desk.get(f"{address(item)}progress/").json()["is_busy"]
    assert "waiting" in text_of(desk.get("/desk/batch/"))
    Batch.objects.update(state="running", rows=1, alive="2100-01-01T00:00:00Z")
    assert desk.get(f"{address(item)}progress/").json() == {
        "is_busy": True,
        "sentence": "1 of 2 records.",
        "percent": 50,
        "left": "",
    }
    page = press(desk, item, "forget")
    assert "It is running. Stop it first." in text_of(page)


@pytest.mark.django_db(transaction=True)
def test_what_waits_can_be_stopped_and_a_batch_edit_forgotten(desk, ann, monkeypatch):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 0)
    make_record()
    item = make_batch(ann)
    press(desk, item, "preview", **EMPTY, year="2001")
    page = press(desk, item, "stop")
    assert "It was stopped. Nothing was changed." in text_of(page)
    page = press(desk, item, "forget")
    assert page.redirect_chain[-1][0] == "/desk/batch/"
    assert not Batch.objects.exists()


@pytest.mark.django_db
def test_what_the_worker_did_stands_on_the_page(desk, ann, monkeypatch):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 0)
    first, second = make_records([make_draft("One"), make_draft("Two")])
    item = make_batch(ann)
    press(desk, item, "preview", **EMPTY, year="2001")
    do_what_waits()
    Record.objects.filter(pk=first.pk).update(year=2001, modified="2001-01-01T00:00:00Z")
    press(desk, item, "do", run=Batch.objects.get().run, reason="Why")
    do_what_waits()
    page = text_of(desk.get(address(item)))
    assert "The preview had counted 2; records were edited between the two, and 1 were changed." in page
    assert "1 record was edited by somebody after the preview." in page


@pytest.mark.django_db
def test_two_ticked_records_are_merged_side_by_side_and_more_one_after_the_other(desk):
    gone, one, two, three = make_records(
        [make_draft("Gone", status="withdrawn", withdrawn_reason="x"), *(make_draft(f"Record {n}") for n in range(3))]
    )
    tick = {"search": "", "take": "merge"}
    answer = desk.post("/desk/batch/begin/", {**tick, "record": [two.pk, one.pk]})
    assert answer.url == f"/desk/merge/{one.pk}/{two.pk}/"
    chosen = {"action": "merge_chosen", "reason": "", "_selected_action": [gone.pk, one.pk, two.pk, three.pk]}
    answer = desk.post("/desk/catalogue/record/", chosen)
    assert answer.url == f"/desk/merge/{one.pk}/{two.pk}/?then={three.pk},{gone.pk}"
    page = desk.get(answer.url)
    assert f"Then, one after the other: record {three.pk}, {gone.pk}." in text_of(page)
    assert f'href="/desk/merge/{two.pk}/{one.pk}/?then={three.pk},{gone.pk}"' in page.content.decode()
    answer = desk.post(answer.url, {"version": page.context["form"].initial["version"], "title": "this"})
    assert answer.url == f"/desk/merge/{one.pk}/{three.pk}/?then={gone.pk}"
    two.refresh_from_db()
    assert two.replaced_by == one
    page = desk.post("/desk/catalogue/record/", {**chosen, "_selected_action": [one.pk]}, follow=True)
    assert "Tick at least two records to merge" in text_of(page)


@pytest.mark.django_db
@pytest.mark.parametrize("then", ["x", "-1", "9" * 40, ",,", "1,1,1"])
def test_the_merge_page_takes_any_list_of_what_follows(desk, then):
    one, two = make_records([make_draft("One"), make_draft("Two")])
    assert desk.get(f"/desk/merge/{one.pk}/{two.pk}/", {"then": then}).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("who", "status"), [(ANYONE, 302), (ACCOUNT, 403), (CATALOGUER, 200), (ADMINISTRATOR, 200)])
def test_the_selection_opens_for_those_who_may_change_records(client, seat, who, status):
    make_record()
    sitting = seat(who) if who else client
    assert sitting.get("/desk/batch/").status_code == status
    begun = sitting.post("/desk/batch/begin/", {"search": "", "take": "all"})
    assert begun.status_code == (302 if status == 200 else status)
    assert Batch.objects.count() == (status == 200)
    listed = sitting.post("/desk/catalogue/record/", {"action": "change_many", "_selected_action": [1], "reason": ""})
    assert listed.status_code == (403 if who == ACCOUNT else 302)


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [(ANYONE, 302), (ACCOUNT, 403), (CATALOGUER, 404), (ADMINISTRATOR, 404)])
@pytest.mark.parametrize("action", ["", "preview", "do", "forget"])
def test_a_batch_edit_of_somebody_else_is_as_if_it_were_not_there(client, seat, ann, who, status, action):
    make_record()
    item = make_batch(ann)
    sitting = seat(who, "other") if who else client
    if action:
        assert sitting.post(address(item), {"action": action, **EMPTY, "year": "2001"}).status_code == status
    else:
        assert sitting.get(address(item)).status_code == status
        assert sitting.get(f"{address(item)}progress/").status_code == status
    assert Batch.objects.get().steps == []


@pytest.mark.django_db
def test_begin_takes_no_get(desk):
    assert desk.get("/desk/batch/begin/").status_code == 405


def queries(desk, address: str) -> int:
    desk.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert desk.get(address).status_code == 200
    return len(seen)


@pytest.mark.django_db(transaction=True)
def test_the_pages_cost_as_many_queries_at_20_records_as_at_1(desk, ann):
    make_record("Record", authors=("A",), keywords=("B",), country="C")

    def costs() -> list[int]:
        found = [queries(desk, "/desk/batch/?q=record")]
        item = make_batch(ann)
        found.append(queries(desk, address(item)))
        press(desk, item, "preview", **EMPTY, find="Record", put="Report")
        found.append(queries(desk, address(item)))
        press(desk, item, "do", run=Batch.objects.get(pk=item.pk).run, reason="Why")
        found.append(queries(desk, address(item)))
        return found

    few = costs()
    make_records(
        [make_draft(f"Record {n}", authors=(f"A{n}",), keywords=(f"B{n}",), country=f"C{n}") for n in range(19)]
    )
    Record.objects.filter(title="Report").update(title="Record")
    assert costs() == few


@pytest.mark.django_db(transaction=True)
def test_the_page_offers_no_more_records_than_somebody_may_change(desk, monkeypatch):
    monkeypatch.setattr(rights, "MANY", 1)
    make_records([make_draft("One"), make_draft("Two")])
    page = desk.get("/desk/batch/")
    assert "You may change 1 records at once" in text_of(page)
    assert b'value="all"' not in page.content
    page = desk.get("/desk/batch/", {"q": "one"})
    assert b'value="all"' in page.content
