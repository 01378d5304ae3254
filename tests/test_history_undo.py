"""Undoing at the desk, for every kind of change set: what is put back, what is left alone and named, what cannot be."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalogue import changes, codes, record_merging, records
from catalogue.authorities import merging
from catalogue.authorities.files import FILES
from catalogue.changes import Wish
from catalogue.formats import Row
from catalogue.groups import ADMINISTRATOR
from catalogue.importing import Run, import_rows
from catalogue.matching import Matching
from catalogue.models import Change, ChangeSet, Keyword, Record
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(seat, settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    return seat(ADMINISTRATOR)


def drafts() -> dict:
    return records.read_drafts(Record.objects.values_list("pk", flat=True))


def undo_page(change_set: ChangeSet) -> str:
    return f"/desk/catalogue/changeset/{change_set.pk}/undo/"


def undo(desk, change_set: ChangeSet) -> str:
    return desk.post(undo_page(change_set), {"reason": "A mistake"}, follow=True).content.decode()


def edited(_desk) -> None:
    number = Record.objects.earliest("pk").pk
    changes.apply(changes.open_change_set(codes.EDIT), [Wish(make_draft("Changed", year=1999), number)])


def imported(_desk) -> None:
    number = Record.objects.earliest("pk").pk
    changes.apply(changes.open_change_set(codes.IMPORT), [Wish(make_draft("Changed", summary="New"), number)])


def batch(desk) -> None:
    numbers = list(Record.objects.values_list("pk", flat=True))
    desk.post("/desk/catalogue/record/", {"action": "withdraw", "_selected_action": numbers, "reason": "Twice"})


def merged(_desk) -> None:
    numbers = tuple(Record.objects.order_by("pk").values_list("pk", flat=True)[:2])
    both = records.read_drafts(numbers)
    kept = replace(both[numbers[0]], summary="Both")
    record_merging.merge(numbers, (kept, both[numbers[1]]), None)


def headings_merged(_desk) -> None:
    numbers = {one.heading: one.pk for one in Keyword.objects.all()}
    merging.merge(FILES["keyword"], [numbers["Jails"]], numbers["Prisons"])


def restored(desk) -> None:
    edited(desk)
    number = Record.objects.earliest("pk").pk
    where = f"/desk/catalogue/record/{number}/history/{Change.objects.filter(record_number=number)[0].pk}/restore/"
    desk.post(where, {"version": desk.get(where).context["form"].initial["version"]})


def undone(desk) -> None:
    edited(desk)
    changes.undo(ChangeSet.objects.latest("pk"))


@pytest.mark.parametrize("act", [edited, imported, batch, merged, headings_merged])
def test_all_is_as_before_once_it_is_undone(desk, act):
    make_records([make_draft("One", keywords=("Jails",)), make_draft("Two", keywords=("Prisons",))])
    before = drafts()
    act(desk)
    assert drafts() != before
    page = undo(desk, ChangeSet.objects.latest("pk"))
    assert "Undone. Records put back: " in page
    assert "left alone" not in page
    assert drafts() == before
    assert ChangeSet.objects.latest("pk").reason == "A mistake"


@pytest.mark.parametrize("act", [restored, undone])
def test_what_was_put_back_is_taken_back_again(desk, act):
    make_records([make_draft("One"), make_draft("Two")])
    act(desk)
    assert Record.objects.earliest("pk").title == "One"
    undo(desk, ChangeSet.objects.latest("pk"))
    assert Record.objects.earliest("pk").title == "Changed"


@pytest.mark.parametrize("act", [edited, imported, batch, merged])
def test_what_was_changed_since_is_named_before_and_after_and_left_alone(desk, act):
    one, two = make_records([make_draft("One"), make_draft("Two")])
    act(desk)
    change_set = ChangeSet.objects.latest("pk")
    changes.apply(changes.open_change_set(codes.EDIT), [Wish(make_draft("By another"), one.pk)])
    link = f"/desk/catalogue/record/{one.pk}/history/"
    assert link in desk.get(undo_page(change_set)).content.decode()
    page = undo(desk, change_set)
    assert "1 record was left alone, as it has changed since or was deleted:" in page
    assert link in page
    assert Record.objects.get(pk=one.pk).title == "By another"
    assert Record.objects.get(pk=two.pk).status == "published"


def test_records_that_were_deleted_for_good_are_not_promised_back(desk):
    record = make_record("Gone")
    desk.post(f"/desk/catalogue/record/{record.pk}/delete/", {"post": "yes"})
    deleted = ChangeSet.objects.latest("pk")
    assert "They cannot be put back." in undo(desk, deleted)
    assert ChangeSet.objects.latest("pk") == deleted


def test_an_undo_that_would_lead_to_a_record_deleted_since_says_so_in_its_place(desk):
    stays, gone = make_records([make_draft("Stays"), make_draft("Gone")])
    both = records.read_drafts((stays.pk, gone.pk))
    merge = record_merging.merge((stays.pk, gone.pk), (both[stays.pk], both[gone.pk]), None)
    undo(desk, merge)
    undone = ChangeSet.objects.latest("pk")
    changes.delete(changes.open_change_set(codes.EDIT), [stays.pk])
    assert "Undone." in undo(desk, undone)
    sentence = f"Record {stays.pk}, to which it led, was deleted."
    assert drafts() == {gone.pk: make_draft("Gone", status="withdrawn", withdrawn_reason=sentence)}


def test_the_undo_of_a_deletion_does_not_lead_back_to_what_was_deleted(desk):
    gone = make_record("Gone")
    led = make_record("Led", status="withdrawn", replaced_by=gone.pk)
    change_set = changes.open_change_set(codes.EDIT)
    changes.delete(change_set, [gone.pk])
    before = drafts()
    undo(desk, change_set)
    assert drafts() == before
    assert before[led.pk].replaced_by is None


def test_what_was_done_to_documents_is_shown_with_its_change_set_and_offers_no_undo(desk):
    record = make_record()
    desk.post(f"/desk/documents/of/{record.pk}/", {"file": SimpleUploadedFile("notes.txt", b"Some text")})
    change_set = ChangeSet.objects.latest("pk")
    page = desk.get(f"/desk/catalogue/changeset/{change_set.pk}/change/").content.decode()
    assert "“notes.txt” added" in page
    assert "Undo this" not in page
    assert desk.post(undo_page(change_set)).status_code == 403


def test_an_undo_tells_how_far_it_is_and_can_be_stopped_with_nothing_changed():
    change_set = changes.open_change_set(codes.IMPORT)
    changes.apply(change_set, [Wish(make_draft(f"Record {number}")) for number in range(1100)])
    done: list[int] = []

    def stop(records: int) -> None:
        done.append(records)
        if records == 1100:
            raise KeyError

    with pytest.raises(KeyError):
        changes.undo(change_set, progress=stop)
    assert done == [1000, 1100]
    assert not Record.objects.filter(status="withdrawn").exists()
    assert not ChangeSet.objects.filter(kind="undo").exists()


def test_undoing_an_import_takes_no_heading_away_as_its_page_says(desk):
    Keyword.objects.create(heading="Before")
    make_record("Report", shelf_number="1", keywords=("Old",))
    new = make_draft("Report", shelf_number="1", keywords=("Before", "Fresh"))
    report = import_rows([Row(1, new)], Run(matching=Matching(on_match="overwrite")))
    change_set = ChangeSet.objects.get(pk=report.change_set)
    assert "one that came with records stays" in desk.get(undo_page(change_set)).content.decode()
    undo(desk, change_set)
    assert records.read_drafts(Record.objects.values_list("pk", flat=True)).popitem()[1].keywords == ("Old",)
    assert set(Keyword.objects.values_list("heading", flat=True)) == {"Before", "Old", "Fresh"}
