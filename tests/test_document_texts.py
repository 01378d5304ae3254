"""The texts of documents: read within bounds whatever the file is, kept page by page, read again when they must be."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from catalogue import attachments, changes, codes, document_keeping
from catalogue.document_changes import DocumentChange
from catalogue.models import Attachment, DocumentPage, DocumentText
from catalogue.texts import apart, bounds, office, reading
from catalogue.texts.bounds import End, Stopped
from tests.pdfs import damaged, make_pdf
from tests.processes import database_url
from tests.records import make_record
from tests.workers import Worker, make_worker, wait_until

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples" / "documents"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


@pytest.fixture(autouse=True)
def document_dir(settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    settings.UPLOAD_DIR = tmp_path / "uploads"


def packed(**members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return made.getvalue()


def docx(body: str, **more: str) -> bytes:
    return packed(word__document_xml=f"<w:document {WORD}><w:body>{body}</w:body></w:document>", **more)


def odt(body: str, **more: str) -> bytes:
    content = f"<office:document-content {ODF}><office:body>{body}</office:body></office:document-content>"
    return packed(mimetype="application/vnd.oasis.opendocument.text", content_xml=content, **more)


def extract(tmp_path: Path, kind: str, content: bytes, **options) -> apart.Extract:
    file = tmp_path / f"file.{kind}"
    file.write_bytes(content)
    return apart.extract(kind, file, **options)


# -- Reading files ----------------------------------------------------------------------------------------------------


def test_a_pdf_is_read_page_by_page_with_its_letters_and_divided_words():
    found = apart.extract("pdf", SAMPLES / "report.pdf")
    pages = dict(found.pages)
    assert (found.end, found.page_count, sorted(pages)) == (End.READ, 8, list(range(1, 9)))
    assert "twelve\nquokkas" in pages[7]
    assert "Ministry’s" in pages[1]
    assert "Maßnahmen wurde über" in pages[3]
    assert "resocialisation" in pages[5]
    assert "co-operation" in pages[5]


@pytest.mark.parametrize(("name", "end", "pages"), [("scan", End.READ, 1), ("protected", End.PROTECTED, 0)])
def test_a_pdf_without_text_or_with_a_password_gives_none(name, end, pages):
    found = apart.extract("pdf", SAMPLES / f"{name}.pdf")
    assert (found.end, found.pages, found.page_count) == (end, (), pages)


def test_a_document_of_500_pages_is_read_to_its_end(tmp_path):
    found = extract(tmp_path, "pdf", make_pdf(*(f"page {number} of many" for number in range(1, 501))))
    assert (found.end, found.page_count) == (End.READ, 500)
    assert found.pages[-1] == (500, "page 500 of many")


def test_a_word_document_is_read_as_it_stands_without_what_was_deleted(tmp_path):
    found = extract(tmp_path, "docx", (SAMPLES / "report.docx").read_bytes())
    assert found.end == End.READ
    assert "Only here stands the word quokkas." in found.pages[0][1]
    assert "left cell\nright cell" in found.pages[0][1]
    tracked = "<w:p><w:r><w:t>kept</w:t><w:tab/></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    notes = f"<w:footnotes {WORD}><w:footnote><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>"
    assert extract(tmp_path, "docx", docx(tracked, word__footnotes_xml=notes)).pages == ((1, "kept\na note"),)


def test_an_opendocument_text_is_read_without_comments_and_what_was_deleted(tmp_path):
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>A heading</text:h>"
        "<text:p>some<text:s/>words<office:annotation><text:p>a comment</text:p></office:annotation> here</text:p>"
    )
    assert extract(tmp_path, "odt", odt(body)).pages == ((1, "A heading\nsome words here"),)
    locked = odt(body, **{"META-INF__manifest_xml": "<manifest><encryption-data/></manifest>"})
    assert extract(tmp_path, "odt", locked).end == End.PROTECTED


def test_a_plain_text_is_read_in_parts_that_end_with_a_line(tmp_path):
    lines = [f"line {number} of a long text" for number in range(1000)]
    found = extract(tmp_path, "txt", "\n".join(lines).encode("utf-8-sig"))
    assert "\n".join(text for _number, text in found.pages).splitlines() == lines
    assert all(bounds.PART <= len(text) < bounds.PART + 200 for _number, text in found.pages[:-1])
    assert max(len(text) for _number, text in extract(tmp_path, "txt", b"x" * 99_000).pages) == bounds.LONGEST_PART


# -- Hostile files ----------------------------------------------------------------------------------------------------


def test_no_damage_to_a_pdf_does_more_than_end_its_reading(tmp_path):
    sound = (SAMPLES / "report.pdf").read_bytes()
    for seed in range(8):
        found = extract(tmp_path, "pdf", damaged(sound, seed), seconds=20)
        assert found.end in (End.READ, End.DAMAGED), seed
    assert extract(tmp_path, "pdf", sound[:9_000]).end in (End.READ, End.DAMAGED)


def test_a_pdf_that_unpacks_to_more_than_the_memory_it_may_have_is_stopped():
    found = apart.extract("pdf", SAMPLES / "bomb.pdf")
    assert (found.end, found.pages) == (End.HUGE, ())


def test_a_page_tree_that_leads_back_to_itself_is_no_endless_document(tmp_path):
    looped = make_pdf("one").replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]").replace(b"/Count 1", b"/Count 99999999")
    assert extract(tmp_path, "pdf", looped).end in (End.DAMAGED, End.READ, End.LONG)


def test_what_takes_too_long_is_stopped_and_what_was_read_before_is_kept(tmp_path):
    found = extract(tmp_path, "pdf", (SAMPLES / "report.pdf").read_bytes(), seconds=0)
    assert found.end == End.SLOW
    assert found.page_count == len(found.pages)


def test_a_reading_that_is_asked_to_end_ends(tmp_path):
    with pytest.raises(apart.Interrupted):
        extract(tmp_path, "pdf", (SAMPLES / "report.pdf").read_bytes(), is_ending=lambda: True)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("docx", b"PK\x03\x04 nothing"),
        ("docx", docx("<w:p><w:r><w:t>cut off")),
        ("docx", docx("<w:p>" * 300)),
        ("odt", odt("")[:-30]),
        ("odt", packed(mimetype="application/vnd.oasis.opendocument.text")),
        ("odt", odt("<text:p/>").replace(b"content.xml", b"content.xm_")),
        ("docx", packed(word__document_xml='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
    ],
)
def test_a_damaged_office_document_is_said_to_be_damaged(tmp_path, kind, content):
    file = tmp_path / f"file.{kind}"
    file.write_bytes(content)
    paragraphs = office.docx_paragraphs if kind == "docx" else office.odt_paragraphs
    with pytest.raises(Stopped, match="damaged"):
        list(paragraphs(file))


@pytest.mark.parametrize(("kind", "content"), [("pdf", b"%PDF-1.7 and nothing"), ("docx", b"PK\x03\x04 nothing")])
def test_of_a_damaged_document_no_text_is_kept(tmp_path, kind, content):
    found = extract(tmp_path, kind, content)
    assert (found.end, found.pages) == (End.DAMAGED, ())


@given(place=st.integers(0, 2_000), junk=st.binary(min_size=1, max_size=40))
@hypothesis_settings(max_examples=60)
def test_a_word_document_damaged_anywhere_raises_nothing_of_its_own(place, junk, tmp_path_factory):
    content = bytearray(docx("".join(f"<w:p><w:r><w:t>word {number}</w:t></w:r></w:p>" for number in range(99))))
    place = min(place, len(content) - 1)
    content[place : place + len(junk)] = junk
    file = tmp_path_factory.getbasetemp() / "damaged.docx"
    file.write_bytes(content)
    try:
        assert all(isinstance(one, str) for one in office.docx_paragraphs(file))
    except Stopped as stopped:
        assert stopped.end == End.DAMAGED


def test_no_more_is_read_than_the_bounds_allow():
    pages = ("x" * 90_000 for _ in range(1_000))
    read = []
    with pytest.raises(Stopped, match="long"):
        read.extend(bounds.bounded(pages))
    assert sum(len(text) for _number, text in read) == bounds.MOST_CHARACTERS
    with pytest.raises(Stopped, match="long"):
        list(bounds.bounded(["a"] * (bounds.MOST_PAGES + 1)))
    [(number, text)] = bounds.bounded(["", "y" * 1_000_000])
    assert (number, len(text)) == (2, bounds.LONGEST_PAGE)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\0b\x0c\ud800c", "a b c"),
        ("rehabili-\r\ntation", "rehabilitation"),
        ("rehabili\x02tation\ufffe", "rehabilitation"),
        ("2010-\n2015, X-\nRay", "2010-\n2015, X-\nRay"),
        (" two\xa0\xa0words \n\n\n \tnext ", "two words\nnext"),
    ],
)
def test_a_page_is_kept_without_what_only_its_layout_needed(text, cleaned):
    assert bounds.cleaned(text) == cleaned


def test_what_a_broken_reader_writes_is_not_believed(tmp_path):
    for written in (
        b'{"end": "all is well", "pages": 1}\n',
        b"[]\n",
        b'{"page": 3, "text": 4}\n',
        b'{"page": -1}',
        b"[",
    ):
        output = tmp_path / "output"
        output.write_bytes(b'{"page": 2, "text": "a\\u0000\\ud800b"}\n' + written)
        with output.open("rb") as file:
            found = apart._read(file, End.DAMAGED)
        assert (found.end, found.pages) == (End.DAMAGED, ((2, "a b"),))


# -- The tables -------------------------------------------------------------------------------------------------------


def kept(record, content: bytes, name: str = "report.pdf", is_public: bool = True) -> Attachment:
    return document_keeping.keep(
        record, name, io.BytesIO(content), User.objects.get_or_create(username="ann")[0], is_public
    )


def pages_of(document: Attachment) -> dict[int, str]:
    return dict(DocumentPage.objects.filter(document=document).values_list("number", "text"))


@pytest.mark.django_db
def test_the_pages_of_a_document_are_kept_and_go_with_it():
    document = kept(make_record(), make_pdf("first", "", "third"))
    assert reading.sentence(document) == "Its text has not been read yet."
    reading.read(document.pk)
    assert pages_of(document) == {1: "first", 3: "third"}
    said = reading.sentence(Attachment.objects.get())
    assert said == "Pages that can be searched: 2 of 3. The others have no text: they may be scans."
    document_keeping.remove(document, "ann")
    assert not DocumentPage.objects.exists()
    assert not DocumentText.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("scan.pdf", "it may be a scan"),
        ("protected.pdf", "protected by a password"),
        ("report.docx", "can be searched"),
    ],
)
def test_the_desk_says_what_came_of_a_document(name, said):
    document = kept(make_record(), (SAMPLES / name).read_bytes(), name)
    reading.read(document.pk)
    assert said in reading.sentence(Attachment.objects.get(pk=document.pk))


@pytest.mark.django_db
def test_a_document_is_read_once_unless_it_shall_be_again():
    document = kept(make_record(), make_pdf("first"))
    reading.read(document.pk)
    DocumentPage.objects.update(text="changed")
    reading.read(document.pk)
    assert pages_of(document) == {1: "changed"}
    assert list(reading.due()) == []
    reading.read(document.pk, again=True)
    assert pages_of(document) == {1: "first"}


@pytest.mark.django_db
def test_a_document_that_is_replaced_keeps_its_address_and_is_read_again(django_capture_on_commit_callbacks):
    document = kept(make_record(), make_pdf("first"))
    reading.read(document.pk)
    old = document.path
    with django_capture_on_commit_callbacks(execute=True):
        document_keeping.replace(document, "notes.txt", io.BytesIO(b"second"), "bob")
    new = Attachment.objects.get()
    assert (new.pk, new.name, new.kind, new.size) == (document.pk, "notes.txt", "txt", 6)
    assert (old.exists(), new.path.read_bytes()) == (False, b"second")
    assert pages_of(new) == {}
    assert [one.pk for one in reading.due()] == [new.pk]
    reading.read(new.pk)
    assert pages_of(new) == {1: "second"}


@pytest.mark.django_db
def test_what_is_no_document_replaces_none():
    document = kept(make_record(), make_pdf("first"))
    with pytest.raises(attachments.Refused):
        document_keeping.replace(document, "evil.pdf", io.BytesIO(b"MZ\0"), "bob")
    assert [file.name for file in attachments.folder().iterdir()] == [document.path.name]
    assert Attachment.objects.get().stored_as is None


@pytest.mark.django_db
def test_a_document_that_is_replaced_while_it_is_read_does_not_keep_its_old_text(monkeypatch):
    document = kept(make_record(), make_pdf("first"))

    def replaced_meanwhile(*arguments):
        document_keeping.replace(document, "new.txt", io.BytesIO(b"second"), "bob")
        return apart.Extract(End.READ, ((1, "first"),), 1)

    monkeypatch.setattr(apart, "extract", replaced_meanwhile)
    assert reading.read(document.pk) is None
    assert not DocumentPage.objects.exists()


@pytest.mark.django_db
def test_a_document_whose_reading_is_cut_off_again_and_again_is_given_up(monkeypatch):
    document = kept(make_record(), make_pdf("first"))

    class Killed(BaseException):
        pass

    def killed(*arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(apart, "extract", killed)
        for _ in range(reading.MOST_TRIES):
            with pytest.raises(Killed):
                reading.read(document.pk)
    text = reading.read(document.pk)
    assert text is not None
    assert text.state == DocumentText.State.GIVEN_UP
    assert "each time it was cut off" in reading.sentence(Attachment.objects.get())
    assert list(reading.due()) == []
    reading.read(document.pk, again=True)
    assert pages_of(document) == {1: "first"}


@pytest.mark.django_db
def test_a_reading_that_is_put_off_is_no_failure_of_the_document():
    document = kept(make_record(), make_pdf("first"))
    for _ in range(reading.MOST_TRIES + 1):
        with pytest.raises(apart.Interrupted):
            reading.read(document.pk, lambda: True)
    reading.read(document.pk)
    assert pages_of(document) == {1: "first"}


@pytest.mark.django_db
def test_a_document_that_is_not_on_this_machine_is_left_to_another():
    document = kept(make_record(), make_pdf("first"))
    content = document.path.read_bytes()
    document.path.unlink()
    assert list(reading.due()) == []
    reading.read(document.pk)
    assert "not on this server" in reading.sentence(Attachment.objects.get())
    document.path.write_bytes(content)
    assert [one.pk for one in reading.due()] == [document.pk]


@pytest.mark.django_db
def test_what_happens_to_a_document_is_noted_and_outlives_it(django_user_model):
    ann = django_user_model.objects.create_user("ann")
    record = make_record()
    document = document_keeping.keep(record, "a.pdf", io.BytesIO(make_pdf("first")), ann)
    document_keeping.make_public(document, True, ann)
    document_keeping.make_public(document, True, ann)
    document_keeping.make_public(document, False, ann)
    document_keeping.replace(document, "b.txt", io.BytesIO(b"b"), ann)
    document_keeping.remove(Attachment.objects.get(), ann)
    changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    noted = DocumentChange.objects.filter(record_number=record.pk, document=document.pk)
    facts = [
        (one.before and one.before["name"], one.after and (one.after["name"], one.after["is_public"])) for one in noted
    ]
    assert facts == [
        (None, ("a.pdf", False)),
        ("a.pdf", ("a.pdf", True)),
        ("a.pdf", ("a.pdf", False)),
        ("a.pdf", ("b.txt", False)),
        ("b.txt", None),
    ]
    assert {one.change_set.user_name for one in noted} == {"ann"}


@pytest.mark.django_db(transaction=True)
def test_the_command_reads_what_is_due_and_all_of_it_again_if_it_is_told_to(capsys):
    record = make_record()
    documents = [kept(record, make_pdf("first")), kept(record, (SAMPLES / "scan.pdf").read_bytes())]
    call_command("read_documents")
    assert capsys.readouterr().out == "2 documents were read: 1 with text, 1 without text.\n"
    call_command("read_documents")
    assert capsys.readouterr().out == "0 documents were read.\n"
    DocumentPage.objects.update(text="changed")
    call_command("read_documents", "--again")
    assert capsys.readouterr().out.startswith("2 documents")
    assert pages_of(documents[0]) == {1: "first"}


# -- The queue --------------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(transactional_db, tmp_path) -> Iterator[Worker]:
    with make_worker(tmp_path / "worker.log") as made:
        yield made


def test_the_worker_reads_what_is_kept_and_what_was_kept_before(worker):
    record = make_record()
    one, other = kept(record, make_pdf("first")), kept(record, make_pdf("second"))
    ProcrastinateJob.objects.filter(args__key=str(one.pk)).delete()
    worker.start()
    wait_until(lambda: DocumentPage.objects.count() == 2, worker.log.read_text)
    assert (pages_of(one), pages_of(other)) == ({1: "first"}, {1: "second"})
    assert worker.log.read_text() == ""


def test_a_document_whose_worker_is_killed_is_read_by_the_next(worker):
    document = kept(make_record(), make_pdf(*(f"page {number}" for number in range(100))))
    with psycopg.connect(database_url()) as other:  # the worker can read the file, and not write what it read
        other.execute("LOCK TABLE catalogue_documentpage IN SHARE MODE")
        process = worker.start()
        wait_until(lambda: DocumentText.objects.filter(state="begun").exists(), worker.log.read_text)
        process.kill()
        process.wait()
    assert not DocumentPage.objects.exists()
    worker.start()
    wait_until(lambda: DocumentPage.objects.count() == 100, worker.log.read_text)
    assert DocumentText.objects.get(pk=document.pk).state == DocumentText.State.READ
