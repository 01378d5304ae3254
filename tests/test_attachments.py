"""Documents kept with records: what is taken and what refused, who gets them, and how they are sent."""

import io
import struct
import tracemalloc
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue import attachments, changes, codes, document_keeping, records
from catalogue.models import Attachment, DocumentChange
from tests.people import make_member
from tests.records import make_draft, make_record, make_records
from tests.test_heading_conflicts import somebody_writes

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def document_dir(settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    return settings.DOCUMENT_DIR


def send(desk, record, content: bytes = PDF, name: str = "report.pdf", **values: str):
    file = SimpleUploadedFile(name, content, content_type="text/html")
    return desk.post(f"/desk/documents/of/{record.pk}/", {"file": file, **values}, follow=True)


def archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kept"),
    [
        (PDF, "../../a report.PDF", "a report.pdf"),
        (PDF, "page.html", "page.html.pdf"),
        (b"junk before\n" + PDF, "x" * 500, "x" * 195 + ".pdf"),
        (archive(word__document_xml=b"<a/>"), "C:\\me\\paper.docx", "paper.docx"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.text"), "paper", "paper.odt"),
        ("Zwölf Grüße".encode(), "notes", "notes.txt"),
        (PDF, ". .", "document.pdf"),
    ],
)
def test_a_document_is_taken_by_its_content_under_a_name_of_our_own(desk, document_dir, content, name, kept):
    record = make_record()
    send(desk, record, content, name)
    found = Attachment.objects.get()
    assert (found.name, found.size, found.user_name, found.is_public) == (kept, len(content), "ann", False)
    assert [file.read_bytes() for file in document_dir.iterdir()] == [content]
    assert found.path.name == f"{found.pk}.{found.kind}"


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\0", b"MZ\x90\0", b"PK\x03\x04broken", archive(evil=b"x"), b"a\0b", b"\xff\xfe", b"   \n"],
)
def test_what_is_no_document_is_refused_and_leaves_nothing(desk, document_dir, content):
    page = send(desk, make_record(), content)
    assert "This is no document that can be kept." in page.content.decode()
    assert not Attachment.objects.exists()
    assert not list(attachments.folder().iterdir())


def test_a_document_that_is_too_large_is_refused_before_and_after_its_length_is_known(desk, settings, admin_user):
    settings.DOCUMENT_MEGABYTES = 1
    record = make_record()
    assert "and the most is" in send(desk, record, PDF + b" " * 1_200_000).content.decode()
    with pytest.raises(attachments.Refused, match="the most is"):
        document_keeping.keep(record, "a.pdf", io.BytesIO(PDF + b" " * 1_200_000), admin_user)
    assert not Attachment.objects.exists()
    assert not list(attachments.folder().iterdir())


def test_what_a_long_text_is_takes_little_memory():
    text = io.BytesIO("Grüße, Welt\n".encode() * 2_000_000)
    tracemalloc.start()
    assert attachments.kind_of(text) == "txt"
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 16 * attachments.PIECE
    text.seek(-2, io.SEEK_END)
    text.write(b"\xc3")
    text.truncate()
    assert attachments.kind_of(text) == ""


def test_an_archive_that_names_very_many_files_is_no_document_and_takes_little_memory():
    made = archive(word__document_xml=b"<a/>")
    end = made.rindex(b"PK\x05\x06")
    start = made.index(b"PK\x01\x02")
    names = made[start:end] * 100_000
    sizes = struct.pack("<HHII", 0xFFFF, 0xFFFF, len(names), start)
    swollen = io.BytesIO(made[:start] + names + made[end : end + 8] + sizes + b"\0\0")
    tracemalloc.start()
    assert attachments.kind_of(swollen) == ""
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < attachments.PIECE


def test_a_record_can_have_so_many_documents_and_no_more(desk, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_OF_A_RECORD", 2)
    record = make_record()
    for _number in range(3):
        page = send(desk, record)
    assert "2 documents already" in page.content.decode()
    assert Attachment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_all_documents_of_merged_records_are_shown_and_sent_however_many(desk, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_OF_A_RECORD", 2)
    this, other = make_records([make_draft("One"), make_draft("Two")])
    for number, record in enumerate((this, this, other, other)):
        send(desk, record, name=f"{number}.pdf", is_public="on")
    merged = make_draft("Two", status="withdrawn", replaced_by=this.pk)
    changes.apply(changes.open_change_set(codes.MERGE), [changes.Wish(merged, other.pk)])
    for address in (f"/desk/catalogue/record/{this.pk}/change/", f"/records/{this.pk}"):
        page = desk.get(address).content.decode()
        assert [f"{number}.pdf</a>" in page for number in range(4)] == [True] * 4
    for one in Attachment.objects.all():
        assert desk.get(f"/records/{this.pk}/documents/{one.pk}").status_code == 200


def test_a_document_is_sent_as_a_download_that_can_do_nothing_in_a_browser(desk):
    send(desk, make_record(), b"<script>alert(1)</script>", 'a"b\u202e.html')
    answer = desk.get(f"/desk/documents/{Attachment.objects.get().pk}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.django_db(transaction=True)
def test_the_public_gets_public_documents_of_published_records_and_no_others(desk, client):
    record = make_record("Report")
    send(desk, record, is_public="on")
    send(desk, record, name="internal.pdf")
    shown, hidden = Attachment.objects.order_by("-is_public")
    client.logout()
    page = client.get(f"/records/{record.pk}").content.decode()
    assert "report.pdf" in page
    assert "internal.pdf" not in page
    assert client.get(f"/records/{record.pk}/documents/{shown.pk}")["Content-Disposition"].startswith("attachment")
    other = make_record("Other")
    for number, key in ((record.pk, hidden.pk), (other.pk, shown.pk), (record.pk, uuid.uuid4()), (10**30, shown.pk)):
        assert client.get(f"/records/{number}/documents/{key}").status_code == 404
    for status in ("draft", "review", "withdrawn"):
        changes.apply(changes.open_change_set(codes.EDIT), [changes.Wish(make_draft(status=status), record.pk)])
        assert client.get(f"/records/{record.pk}/documents/{shown.pk}").status_code == 404


def test_a_document_is_made_public_hidden_again_and_removed_with_its_file(
    desk, admin_user, django_capture_on_commit_callbacks
):
    send(desk, make_record())
    desk.force_login(admin_user)
    found = Attachment.objects.get()
    address = f"/desk/documents/{found.pk}/change/"
    for button, expected in (("publish", True), ("hide", False)):
        desk.post(address, {button: ""})
        assert Attachment.objects.get().is_public is expected
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(address, {"remove": ""})
    assert not Attachment.objects.exists()
    assert not found.path.exists()


def test_a_form_without_a_button_changes_no_document(desk):
    send(desk, make_record(), is_public="on")
    found = Attachment.objects.get()
    desk.post(f"/desk/documents/{found.pk}/change/", {})
    assert Attachment.objects.get().is_public


def test_the_documents_of_a_record_that_is_deleted_go_with_it(desk, django_capture_on_commit_callbacks):
    record = make_record()
    send(desk, record)
    found = Attachment.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    assert not found.path.exists()


def test_the_documents_of_a_merged_record_stand_with_the_one_that_stays(desk):
    this, other = make_records([make_draft("One"), make_draft("Two")])
    send(desk, other, is_public="on")
    merged = make_draft("Two", status="withdrawn", replaced_by=this.pk)
    changes.apply(changes.open_change_set(codes.MERGE), [changes.Wish(merged, other.pk)])
    assert "report.pdf" in desk.get(f"/desk/catalogue/record/{this.pk}/change/").content.decode()
    assert desk.get(f"/records/{this.pk}/documents/{Attachment.objects.get().pk}").status_code == 200


def test_a_document_that_is_not_on_this_machine_is_said_to_be_missing(desk):
    record = make_record()
    send(desk, record, is_public="on")
    found = Attachment.objects.get()
    found.path.unlink()
    assert "is not on this server" in desk.get(f"/desk/documents/{found.pk}/", follow=True).content.decode()
    assert desk.get(f"/records/{record.pk}/documents/{found.pk}").status_code == 404


def test_a_form_without_a_document_is_answered_in_words(desk):
    record = make_record()
    page = desk.post(f"/desk/documents/of/{record.pk}/", {}, follow=True)
    assert "Choose a document" in page.content.decode()
    assert desk.post(f"/desk/documents/of/{10**30}/", {}).status_code == 404


def test_a_document_that_a_colleague_has_just_replaced_is_removed_with_the_file_that_it_has_now(
    desk, admin_user, document_dir, django_capture_on_commit_callbacks
):
    send(desk, make_record())
    seen = Attachment.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        document_keeping.replace(seen, "new.txt", io.BytesIO(b"New text"), admin_user)
    with django_capture_on_commit_callbacks(execute=True):
        document_keeping.remove(seen, admin_user)
    assert not list(document_dir.iterdir())
    assert DocumentChange.objects.latest("pk").before["name"] == "new.txt"


def test_a_document_that_a_colleague_has_just_removed_is_said_to_be_gone_and_noted_once(desk, admin_user, document_dir):
    send(desk, make_record())
    seen, again = Attachment.objects.get(), Attachment.objects.get()
    document_keeping.remove(seen, admin_user)
    before = list(document_dir.iterdir())
    for step in (
        lambda: document_keeping.remove(again, admin_user),
        lambda: document_keeping.make_public(again, True, admin_user),
        lambda: document_keeping.replace(again, "new.txt", io.BytesIO(b"New text"), admin_user),
    ):
        with pytest.raises(attachments.Refused, match="“report.pdf” is not there any more"):
            step()
    assert DocumentChange.objects.filter(after__isnull=True).count() == 1
    assert list(document_dir.iterdir()) == before


def test_a_page_that_was_opened_before_a_document_was_removed_says_that_it_is_gone(desk, admin_user):
    send(desk, make_record())
    seen = Attachment.objects.get()
    document_keeping.remove(Attachment.objects.get(), admin_user)
    file = SimpleUploadedFile("new.txt", b"New text")
    for step, sent in (("change", {"publish": ""}), ("replace", {"file": file})):
        page = desk.post(f"/desk/documents/{seen.pk}/{step}/", sent, follow=True)
        assert "“report.pdf” is not there any more" in page.content.decode()
        assert desk.post(f"/desk/documents/{uuid.uuid4()}/{step}/", sent).status_code == 404


def test_no_document_is_kept_with_a_record_that_was_just_deleted(admin_user):
    record = make_record()
    changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    with pytest.raises(attachments.Refused, match=f"Record {record.pk} is not there any more"):
        document_keeping.keep(record, "a.pdf", io.BytesIO(PDF), admin_user)
    assert not list(attachments.folder().iterdir())


@pytest.mark.django_db(transaction=True)
def test_a_document_does_not_wait_for_an_import_that_writes_its_record(desk):
    record = make_record()
    with somebody_writes(lambda: records.lock([record.pk])):
        page = send(desk, record)
    assert "is writing this record or its documents. Try again in a minute." in page.content.decode()
    assert not list(attachments.folder().iterdir())
    send(desk, record)
    found = Attachment.objects.get()
    with somebody_writes(lambda: list(Attachment.objects.select_for_update())):
        page = desk.post(f"/desk/documents/{found.pk}/change/", {"publish": ""}, follow=True)
    assert "Try again in a minute." in page.content.decode()
    assert not Attachment.objects.get().is_public


@pytest.mark.parametrize("who", ["", "reader"])
def test_nobody_adds_gets_or_changes_documents_without_the_right(client, django_user_model, who):
    record = make_record()
    kept = document_keeping.keep(record, "a.pdf", io.BytesIO(PDF), django_user_model.objects.create_user("ann"))
    if who:
        client.force_login(make_member(who))
    expected = 403 if who else 302
    assert client.get(f"/desk/documents/{kept.pk}/").status_code == expected
    assert client.post(f"/desk/documents/{kept.pk}/change/", {"remove": ""}).status_code == expected
    file = SimpleUploadedFile("b.pdf", PDF)
    assert client.post(f"/desk/documents/of/{record.pk}/", {"file": file}).status_code == expected
    assert Attachment.objects.get() == kept


def test_a_document_from_another_site_is_not_taken(django_user_model):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.create_superuser("root"))
    record = make_record()
    answer = strict.post(f"/desk/documents/of/{record.pk}/", {"file": SimpleUploadedFile("a.pdf", PDF)})
    assert answer.status_code == 403
    assert not Attachment.objects.exists()


def test_a_document_is_replaced_at_the_desk_by_one_that_may_be_kept(desk):
    record = make_record()
    send(desk, record)
    address = f"/desk/documents/{Attachment.objects.get().pk}/replace/"
    for content, said in ((b"MZ\0", "This is no document"), (b"", "not empty"), (b"New text", "was replaced")):
        page = desk.post(address, {"file": SimpleUploadedFile("new.txt", content)}, follow=True)
        assert said in page.content.decode()
    assert Attachment.objects.get().name == "new.txt"
    assert desk.get(address).status_code == 405


def test_nobody_replaces_a_document_without_the_right_or_from_another_site(client, django_user_model):
    kept = document_keeping.keep(make_record(), "a.pdf", io.BytesIO(PDF), django_user_model.objects.create_user("ann"))
    address = f"/desk/documents/{kept.pk}/replace/"
    file = SimpleUploadedFile("new.txt", b"New text")
    assert client.post(address, {"file": file}).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.create_superuser("root"))
    assert strict.post(address, {"file": file}).status_code == 403
    assert Attachment.objects.get().name == "a.pdf"


def test_the_texts_of_many_documents_are_told_with_as_few_queries_as_those_of_one(desk):
    def queries(count: int) -> int:
        record = make_record()
        for _ in range(count):
            send(desk, record)
        with CaptureQueriesContext(connection) as captured:
            page = desk.get(f"/desk/catalogue/record/{record.pk}/change/").content.decode()
        assert page.count("Its text has not been read yet.") == count
        return len(captured)

    queries(1)  # fills what every page shares
    assert queries(12) == queries(1)
