"""Records deleted for good: what led to them leads on, what was shown with others stays there, and all is noted."""

import io

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser

from catalogue import attachments, changes, codes, document_keeping
from catalogue import records as written
from catalogue.draft import Draft
from catalogue.models import Attachment, Change, ChangeSet, DocumentChange, Record, Tombstone
from catalogue.records import read_drafts
from tests.records import make_draft, make_record, make_records
from tests.test_heading_conflicts import somebody_writes

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%%EOF\n"
LIST = "/desk/catalogue/record/"


@pytest.fixture(autouse=True)
def document_dir(settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    return settings.DOCUMENT_DIR


@pytest.fixture
def desk(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("ann"))
    return client


def keep(record: Record, name: str = "report.pdf", **facts) -> Attachment:
    return document_keeping.keep(record, name, io.BytesIO(PDF), AnonymousUser(), **facts)


def merged(into: Record, title: str = "Merged") -> Record:
    return make_record(title, status="withdrawn", replaced_by=into.pk)


def delete(*records: Record):
    change_set = changes.open_change_set(codes.EDIT)
    changes.delete(change_set, [record.pk for record in records])
    return change_set


def draft_of(record: Record) -> Draft:
    return read_drafts([record.pk])[record.pk]


def test_the_documents_of_a_merged_record_outlive_it(desk, django_capture_on_commit_callbacks):
    stays = make_record("Stays")
    gone = merged(stays)
    kept = keep(gone, is_public=True)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{LIST}{gone.pk}/delete/", {"post": "yes", "reason": "Twice"})
    assert not Record.objects.filter(pk=gone.pk).exists()
    assert [one.pk for one in attachments.of_record(stays.pk)] == [kept.pk]
    answer = desk.get(f"/records/{stays.pk}/documents/{kept.pk}")
    assert b"".join(answer.streaming_content) == PDF
    history = desk.get(f"{LIST}{stays.pk}/history/").content.decode()
    assert f"“report.pdf”: taken over from record {gone.pk}, which was deleted" in history


def test_documents_go_with_a_record_that_says_why_it_was_withdrawn(django_capture_on_commit_callbacks):
    other = make_record("Other")
    gone = make_record("Gone", status="withdrawn", withdrawn_reason="Secret", replaced_by=other.pk)
    kept = keep(gone)
    with django_capture_on_commit_callbacks(execute=True):
        delete(gone)
    assert not Attachment.objects.exists()
    assert not kept.path.exists()


def test_documents_pass_those_that_are_deleted_with_their_record():
    stays = make_record("Stays")
    middle = merged(stays)
    last = merged(middle)
    keep(last)
    delete(last, middle)
    assert Attachment.objects.get().record_id == stays.pk


def test_documents_that_were_taken_over_in_one_step_and_then_deleted_are_noted_once():
    stays = make_record("Stays")
    gone = merged(stays)
    keep(gone)
    change_set = changes.open_change_set(codes.BATCH)
    changes.delete(change_set, [gone.pk])
    changes.delete(change_set, [stays.pk])
    noted = DocumentChange.objects.get(change_set=change_set)
    assert (noted.before["record"], noted.after) == (gone.pk, None)


def test_what_led_to_a_deleted_record_leads_on_to_its_successor_and_that_is_noted():
    end = make_record("End")
    gone = merged(end)
    led = merged(gone)
    change_set = delete(gone)
    assert draft_of(led).replaced_by == end.pk
    noted = Change.objects.get(change_set=change_set, record_number=led.pk)
    assert (noted.before["replaced_by"], noted.after["replaced_by"]) == (gone.pk, end.pk)


@pytest.mark.parametrize("reason", ["", "Wrong"])
def test_what_led_to_a_deleted_record_without_a_successor_says_so_unless_it_says_why_already(reason):
    gone = make_record("Gone")
    led = make_record("Led", status="withdrawn", withdrawn_reason=reason, replaced_by=gone.pk)
    change_set = delete(gone)
    after = make_draft(
        "Led",
        status="withdrawn",
        withdrawn_reason=reason or f"Record {gone.pk}, to which it led, was deleted.",
    )
    assert draft_of(led) == after
    assert Change.objects.get(change_set=change_set, record_number=led.pk).after == after.to_dict()


def test_records_that_lead_to_one_another_can_be_deleted():
    one, two = make_records([make_draft("One"), make_draft("Two")])
    change_set = changes.open_change_set(codes.EDIT)
    for this, other in ((one, two), (two, one)):
        draft = make_draft(this.title, status="withdrawn", replaced_by=other.pk)
        changes.apply(change_set, [changes.Wish(draft, this.pk)])
    keep(one)
    delete(one)
    assert draft_of(two).replaced_by is None
    assert Attachment.objects.get().record_id == two.pk
    delete(two)
    assert not Record.objects.exists()


def test_a_record_that_one_step_changed_and_then_deleted_is_noted_as_it_was_before():
    gone = make_record("Gone")
    led = merged(gone)
    before = draft_of(led)
    change_set = changes.open_change_set(codes.BATCH)
    changes.delete(change_set, [gone.pk])
    changes.delete(change_set, [led.pk])
    noted = Change.objects.get(change_set=change_set, record_number=led.pk)
    assert (noted.before, noted.after) == (before.to_dict(), None)


def test_the_address_of_a_deleted_record_leads_past_the_next_one_that_is_deleted():
    end = make_record("End")
    middle = merged(end)
    first = merged(middle)
    delete(first)
    delete(middle)
    assert Tombstone.objects.get(number=first.pk).replaced_by_id == end.pk


@pytest.mark.django_db(transaction=True)
def test_deleting_does_not_wait_for_an_import_that_writes_the_record(desk):
    record = make_record("Busy")
    chosen = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    with somebody_writes(lambda: written.lock([record.pk])):
        alone = desk.post(f"{LIST}{record.pk}/delete/", {"post": "yes"}, follow=True)
        together = desk.post(LIST, chosen, follow=True)
    for page in (alone, together):
        assert "Nothing was deleted. Try again in a minute." in page.content.decode()
        assert "uccessfully" not in page.content.decode()
    assert Record.objects.get() == record
    assert not LogEntry.objects.exists()
    assert ChangeSet.objects.count() == 1
    desk.post(LIST, chosen)
    assert not Record.objects.exists()


def test_the_page_before_deleting_names_what_becomes_of_the_documents(desk):
    stays = make_record("Stays")
    gone = merged(stays, "Merged <b>")
    keep(gone, "shared.pdf")
    keep(stays, "own <i>.pdf")
    page = desk.get(f"{LIST}{gone.pk}/delete/").content.decode()
    assert f"<li>shared.pdf: stays, with record {stays.pk}</li>" in page
    page = desk.get(f"{LIST}{stays.pk}/delete/").content.decode()
    assert "<li>own &lt;i&gt;.pdf: removed for good</li>" in page
    assert "shared.pdf" not in page
    chosen = {"action": "delete_selected", "_selected_action": [gone.pk, stays.pk]}
    page = desk.post(LIST, chosen).content.decode()
    assert "<li>shared.pdf: removed for good</li>" in page
    assert "<li>own &lt;i&gt;.pdf: removed for good</li>" in page
    assert "Documents removed for good: 2" in page


def test_the_page_before_deleting_many_records_asks_as_little_as_that_of_one(desk, django_assert_max_num_queries):
    records = make_records([make_draft(f"Record {n}") for n in range(30)])
    for record in records:
        keep(record)
    chosen = {"action": "delete_selected", "_selected_action": [record.pk for record in records]}
    with django_assert_max_num_queries(25):
        assert desk.post(LIST, chosen).content.decode().count("report.pdf: removed for good") == 30
