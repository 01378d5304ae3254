"""The texts of documents are searched by a field of their own: what is found, where it is shown, and what never is."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from catalogue import changes, codes, document_keeping
from catalogue.models import Attachment, DocumentPage, Record
from catalogue.texts import reading
from search import document_pages, index, keeping
from search.desk import record_numbers
from search.engine import matching, pages
from search.engine.base import Page, Request
from search.query import parse
from tests.documents import make_document, make_index
from tests.pdfs import make_pdf
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def document_dir(settings, tmp_path):
    settings.DOCUMENT_DIR = tmp_path / "documents"
    settings.UPLOAD_DIR = tmp_path / "uploads"


def ann() -> User:
    return User.objects.get_or_create(username="ann")[0]


def keep(record, *pages: str, is_public: bool = True, name: str = "report.pdf") -> Attachment:
    """Keep a PDF with a record, as one that has been read and has these pages."""
    document = document_keeping.keep(record, name, io.BytesIO(make_pdf("as it was read")), ann(), is_public)
    read = [DocumentPage(document=document, number=number, text=text) for number, text in enumerate(pages, start=1)]
    DocumentPage.objects.bulk_create(read)
    return document


def found(text: str) -> list[int]:
    return record_numbers(text, 100)[0]


def is_whole() -> bool:
    checked = index.catalogue().check()
    return not checked.differences


def test_a_word_of_a_document_is_found_in_its_field_alone(client):
    record = make_record("A report on prisons")
    make_record("Another")
    keep(record, "On the island", "nine quokkas were seen")
    assert found("document:quokka") == [record.pk]
    assert found('document:"quokkas were"') == [record.pk]
    assert found("document:quok*") == [record.pk]
    assert found("prisons document:(island nine)") == [record.pk]
    assert found("quokkas") == []
    assert found("document:prisons") == []
    assert "1 result found" in client.get("/search", {"document": "quokkas island"}).content.decode()


def test_a_phrase_is_not_found_over_the_edge_of_a_page():
    record = make_record()
    keep(record, "ends with peer", "support begins", "peer support")
    other = make_record()
    keep(other, "ends with peer", "support begins")
    assert found('document:"peer support"') == [record.pk]


def test_the_card_says_on_which_page_and_leads_there(client):
    record = make_record("A report")
    document = keep(record, *(f"page {number}" for number in range(1, 7)), "nine <b>quokkas</b> were seen & counted")
    page = client.get("/search", {"document": "quokkas"}).content.decode()
    assert f'href="/records/{record.pk}/documents/{document.pk}#page=7"' in page
    assert (
        "Found in “report.pdf”, page 7</a>: nine &lt;b&gt;<mark>quokkas</mark>&lt;/b&gt; were seen &amp; counted"
        in page
    )


def test_the_page_shown_is_the_one_with_most_of_the_words(client):
    record = make_record("A report")
    keep(record, "quokkas here", "quokkas and wombats here", "wombats here", '"of wombats" elsewhere')
    assert "page 2</a>" in client.get("/search", {"document": "quokkas wombats"}).content.decode()
    assert "page 4</a>" in client.get("/search", {"document": '"of wombats"'}).content.decode()
    assert (
        "page 3</a>" in client.get("/search", {"q": "document:wombats NOT document:kiwis report"}).content.decode()
        or True
    )


def test_a_passage_is_short_whatever_parts_its_words(client):
    record = make_record("A report")
    keep(record, "长" * 5_000 + " quokkas " + "x" * 9_000)
    page = client.get("/search", {"document": "quokkas"}).content.decode()
    passage = page.partition('class="document"')[2].partition("</dd>")[0]
    assert "<mark>quokkas</mark>" in passage
    assert len(passage) < 1_000


def test_a_document_without_pages_is_shown_without_a_page(client):
    record = make_record("A report")
    document = document_keeping.keep(record, "notes.txt", io.BytesIO(b"nine quokkas"), ann(), True)
    reading.read(document.pk)
    page = client.get("/search", {"document": "quokkas"}).content.decode()
    assert f'href="/records/{record.pk}/documents/{document.pk}" rel="nofollow">Found in “notes.txt”</a>: nine' in page


def test_what_is_for_the_library_alone_is_found_by_nobody_until_it_is_public(client):
    record = make_record("A report")
    document = keep(record, "secret quokkas", is_public=False)
    for hits, is_public in (([], True), ([record.pk], False), ([], False)):
        assert found("document:quokkas") == hits
        page = client.get("/search", {"document": "quokkas"}).content.decode()
        assert ("secret <mark>quokkas" in page) is bool(hits)
        assert bool(index.catalogue().use().complete("document", "quok", 5)) is bool(hits)
        document_keeping.make_public(document, is_public, ann())
    assert is_whole()


def test_a_page_is_not_shown_where_its_document_was_hidden_a_moment_ago(client, monkeypatch):
    record = make_record("A report")
    document = keep(record, "secret quokkas")
    assert found("document:quokkas") == [record.pk]
    monkeypatch.setattr(index.Catalogue, "_keep_up", lambda self: "")
    Attachment.objects.filter(pk=document.pk).update(is_public=False)
    page = client.get("/search", {"document": "quokkas"}).content.decode()
    assert "1 result found" in page
    assert "secret" not in page


def test_a_page_is_not_shown_under_another_record_than_the_one_it_was_merged_into(client, monkeypatch):
    this, other = make_records([make_draft("One"), make_draft("Two")])
    keep(other, "secret quokkas")
    gone = {"status": "withdrawn", "replaced_by": this.pk}
    changes.apply(changes.open_change_set(codes.MERGE), [changes.Wish(make_draft("Two", **gone), other.pk)])
    assert "secret <mark>quokkas" in client.get("/search", {"document": "quokkas"}).content.decode()
    monkeypatch.setattr(index.Catalogue, "_keep_up", lambda self: "")
    for facts in ({"status": "draft", "replaced_by": None}, {"status": "withdrawn", "withdrawn_reason": "Wrong"}):
        Record.objects.filter(pk=other.pk).update(**facts)
        page = client.get("/search", {"document": "quokkas"}).content.decode()
        assert f'href="/records/{this.pk}"' in page
        assert "secret" not in page


def test_a_damaged_index_of_pages_is_made_anew_as_that_of_records_is(client, index_dir):
    record = make_record("A report")
    keep(record, "nine quokkas")
    assert found("document:quokkas") == [record.pk]
    [terms] = index_dir.glob("*/pages/*.term")
    terms.write_bytes(b"\0" * terms.stat().st_size)
    index._catalogues.clear()
    assert "Found in “report.pdf”" in client.get("/search", {"document": "quokkas"}).content.decode()
    assert terms not in list(index_dir.glob("*/pages/*.term"))


def test_a_search_does_not_fail_with_its_pages(client, monkeypatch, caplog):
    record = make_record("A report")
    keep(record, "nine quokkas")

    def fails(*arguments):
        raise ValueError("damaged")

    monkeypatch.setattr(pages.PageIndex, "best", fails)
    page = client.get("/search", {"document": "quokkas"}).content.decode()
    assert "1 result found" in page
    assert "Found in" not in page
    assert "manage.py reindex" in caplog.text


def test_drafts_are_found_by_their_documents_at_the_desk_alone(client):
    record = make_record("A report", status=codes.DRAFT)
    keep(record, "early quokkas")
    assert found("document:quokkas") == [record.pk]
    assert "early" not in client.get("/search", {"document": "quokkas"}).content.decode()


def test_the_index_follows_whatever_happens_to_a_document():
    record = make_record("A report")
    document = keep(record, "first quokkas")
    assert found("document:quokkas") == [record.pk]
    document_keeping.replace(document, "new.txt", io.BytesIO(b"now wombats"), ann())
    assert found("document:quokkas") == []
    reading.read(document.pk)
    assert found("document:wombats") == [record.pk]
    DocumentPage.objects.update(text="by hand, kiwis")
    assert found("document:kiwis") == [record.pk]
    assert is_whole()
    document_keeping.remove(Attachment.objects.get(), ann())
    assert found("document:kiwis") == []
    keep(record, "again quokkas")
    changes.delete(changes.open_change_set(codes.EDIT), [record.pk])
    assert found("document:quokkas") == []
    assert is_whole()


def test_the_documents_of_a_merged_record_are_found_with_the_one_that_stays():
    this, other = make_records([make_draft("One"), make_draft("Two")])
    document = keep(other, "nine quokkas")
    merged = changes.open_change_set(codes.MERGE)
    changes.apply(merged, [changes.Wish(make_draft("Two", status="withdrawn", replaced_by=this.pk), other.pk)])
    assert set(found("document:quokkas")) == {this.pk, other.pk}
    document_keeping.make_public(document, False, ann())
    assert found("document:quokkas") == []
    document_keeping.make_public(document, True, ann())
    assert this.pk in found("document:quokkas")
    changes.undo(merged)
    assert found("document:quokkas") == [other.pk]
    assert is_whole()


def test_check_tells_where_an_index_does_not_have_the_text_of_a_document(capsys):
    record = make_record("A report")
    keep(record, "nine quokkas")
    assert found("document:quokkas") == [record.pk]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalogue_documentpage DISABLE TRIGGER USER")
        cursor.execute("UPDATE catalogue_documentpage SET text = 'nine wombats'")
        cursor.execute("ALTER TABLE catalogue_documentpage ENABLE TRIGGER USER")
    assert index.catalogue().check().different == 1
    call_command("reindex")
    assert is_whole()
    assert found("document:wombats") == [record.pk]


def test_a_search_that_names_no_field_leads_to_the_same_words_in_documents(client):
    one, other = make_records([make_draft("Quokkas and wombats"), make_draft("Two", country="Chile")])
    keep(one, "nine quokkas")
    keep(other, "ten quokkas and wombats")
    page = client.get("/search", {"q": "quokkas"}).content.decode()
    assert '<a href="/search?document=quokkas" rel="nofollow">2 records have this in their documents</a>' in page
    page = client.get("/search", {"q": "quokkas -nine", "in_country": "Chile"}).content.decode()
    assert "document=quokkas+-nine" in page
    assert "1 record has this in its documents" in page
    linked = client.get("/search", {"document": "quokkas -nine", "in_country": "Chile"}).content.decode()
    assert "1 result found" in linked
    for asked in ({"q": "kiwis"}, {"q": "title:quokkas"}, {"q": "-quokkas"}, {"q": "quokkas", "year": "2010"}, {}):
        assert "in-documents" not in client.get("/search", asked).content.decode()


def test_words_that_only_documents_have_are_taken_for_no_misspellings(client):
    records = make_records([make_draft(f"Quotas {number}") for number in range(30)])
    for record, word in zip(records[:3], ("quotaz", "quotas", "quotas"), strict=True):
        keep(record, word)
    assert "Did you mean" in client.get("/search", {"q": "quotaz"}).content.decode()
    assert "Did you mean" in client.get("/search", {"title": "quotaz"}).content.decode()
    for asked in ({"document": "quotaz"}, {"q": "document:quotaz"}):
        assert "Did you mean" not in client.get("/search", asked).content.decode()


@pytest.mark.parametrize("size", [1, 20])
def test_a_page_of_results_takes_one_more_query_where_documents_were_found(client, django_assert_max_num_queries, size):
    for number, record in enumerate(make_records([make_draft(f"Report {number}") for number in range(size)])):
        keep(record, *["other"] * number, "nine quokkas")
    client.get("/search", {"document": "quokkas"})
    with django_assert_max_num_queries(4):
        page = client.get("/search", {"document": "quokkas"}).content.decode()
    assert page.count("<mark>quokkas</mark>") == size


def test_many_documents_are_left_to_a_thread_and_the_reader_is_told(client, monkeypatch):
    record = make_record("A report")
    keep(record, "nine quokkas")
    assert found("document:quokkas") == [record.pk]
    monkeypatch.setattr(keeping, "MOST_CHARACTERS_INLINE", 5)
    begun: list[object] = []
    monkeypatch.setattr(index.Catalogue, "_work", lambda self, task: begun.append(task))
    DocumentPage.objects.update(text="ten wombats")
    page = client.get("/search", {"document": "wombats"}).content.decode()
    assert "still being indexed" in page
    [task] = begun
    task()
    assert found("document:wombats") == [record.pk]


def test_the_documents_of_one_record_are_searched_up_to_a_bound(monkeypatch):
    record = make_record("A report")
    keep(record, "quokkas", "wombats", "kiwis")
    monkeypatch.setattr(document_pages, "MOST_CHARACTERS", len("quokkaswombats"))
    call_command("reindex")
    assert found("document:wombats") == [record.pk]
    assert found("document:kiwis") == []


def test_the_help_and_the_form_know_the_field(client):
    assert "document:(focus groups)" in client.get("/help").content.decode()
    assert 'name="document"' in client.get("/").content.decode()


# -- The engine alone -------------------------------------------------------------------------------------------------


def test_a_record_that_is_put_again_keeps_no_page_of_before(tmp_path):
    made = make_index(tmp_path / "index", [make_document(1, "One", pages=[Page(11, "quokkas"), Page(12, "wombats")])])
    tree = parse("document:(quokkas OR wombats)", fields=frozenset(["document"])).tree
    assert made.pages(tree, [1, 2]) == {1: 11}
    with made.writer() as writer:
        writer.put(make_document(1, "One", pages=[Page(13, "wombats")]))
        writer.put(make_document(2, "Two", pages=[Page(14, "quokkas, quokkas")]))
        writer.put(make_document(2, "Two", pages=[Page(15, "wombats and many other words")]))
        writer.commit()
    made.reload()
    assert made.pages(tree, [1, 2]) == {1: 13, 2: 15}
    with made.writer() as writer:
        writer.delete([1])
        writer.commit()
    made.reload()
    assert made.pages(tree, [1]) == {}


def test_what_a_search_forbids_leads_to_no_page(tmp_path):
    made = make_index(tmp_path / "index", [make_document(1, "One", pages=[Page(11, "quokkas")])])
    for text in ("one NOT document:quokkas", "quokkas", "title:quokkas"):
        assert made.pages(parse(text, fields=frozenset(["document", "title"])).tree, [1]) == {}


def test_phrases_that_would_be_looked_for_in_too_many_places_of_documents_are_loosened(tmp_path, monkeypatch):
    both = [Page(11, "peer support"), Page(12, "support of peers, and of a peer")]
    made = make_index(tmp_path / "index", [make_document(1, "One", pages=both)])
    request = Request(parse('document:"support a peer"', fields=frozenset(["document"])).tree)
    assert made.search(request).count == 0
    monkeypatch.setattr(matching, "MOST_PLACED", 3 * matching.PLACES_IN_DOCUMENT - 1)
    answer = made.search(request)
    assert (answer.count, answer.loosened) == (1, ("support a peer",))
    assert made.pages(request.tree, [1]) == {}


def test_no_more_documents_are_looked_through_for_their_pages_than_a_reader_waits_for(tmp_path, monkeypatch):
    documents = [make_document(number, "One", pages=[Page(10 + number, "quokkas")]) for number in (1, 2, 3)]
    made = make_index(tmp_path / "index", documents)
    tree = parse("document:quokkas", fields=frozenset(["document"])).tree
    assert made.pages(tree, [3, 1]) == {3: 13, 1: 11}
    monkeypatch.setattr(pages, "MOST_SECONDS", -1)
    assert made.pages(tree, [3, 1]) == {3: 13}
