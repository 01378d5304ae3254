"""Kept searches: what is written down, what changed since, reports and feeds, and what they never show."""

import csv
import io
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue import changes, codes
from catalogue.changes import Wish
from catalogue.models import Keyword, KeywordVariant, Record
from search import kept, kept_report
from search.models import KeptHits, KeptSearch
from tests.records import make_draft, make_record, make_records
from tests.test_pages import JUNK, Page, is_harmless

pytestmark = pytest.mark.django_db(transaction=True)

ATOM = "{http://www.w3.org/2005/Atom}"


def keep(client: Client, **parameters: object) -> KeptSearch:
    response = client.post("/searches/keep", parameters)
    assert response.status_code == 302, response.content
    return KeptSearch.objects.get(code=response["Location"].removeprefix("/searches/"))


def show(client: Client, one: KeptSearch) -> Page:
    response = client.get(f"/searches/{one.code}")
    assert response.status_code == 200
    return Page(response)


def change(record: Record, **facts: object) -> None:
    changes.apply(changes.open_change_set(codes.EDIT), [Wish(make_draft(**facts), record.pk)])


def test_a_search_is_kept_in_two_steps_from_its_page_of_results(client):
    make_record("Peer mentoring", country="Norway", year=2012)
    link = next(link for link in Page(client.get("/search?q=peer&in_country=Norway&page=1")).links() if "keep" in link)
    response = client.get(link)
    page = Page(response)
    assert "Keep this search peer" in page.text
    assert "Country Norway" in page.text
    assert KeptSearch.objects.count() == 0
    sent = {name: value for name, value in page.inputs().items() if name != "csrfmiddlewaretoken"}
    assert sent == {"q": "peer", "in_country": "Norway"}
    one = keep(client, **sent)
    assert re.fullmatch(f"[{kept.ALPHABET}]{{8}}", one.code)
    assert "Results for peer 1 result found" in show(client, one).text


def test_a_search_is_kept_only_by_a_post_that_the_catalogue_itself_made():
    client = Client(enforce_csrf_checks=True)
    assert client.post("/searches/keep", {"q": "peer"}).status_code == 403
    page = Page(client.get("/searches/keep?q=peer"))
    assert client.post("/searches/keep", page.inputs()).status_code == 302
    assert KeptSearch.objects.count() == 1


def test_the_page_of_results_and_the_kept_search_set_no_cookie(client):
    one = keep(client, q="peer")
    visitor = Client()
    for address in ("/search?q=peer", f"/searches/{one.code}", f"/searches/{one.code}/report.txt"):
        assert not visitor.get(address).cookies
    assert "csrftoken" in visitor.get("/searches/keep?q=peer").cookies


def test_what_was_asked_and_found_is_written_down(client, settings):
    settings.TIME_ZONE = "Asia/Kathmandu"
    make_records([make_draft("Peer mentoring", year=2012), make_draft("Peer support", year=2013), make_draft("Gangs")])
    set_number = changes.open_change_set(codes.EDIT).pk
    one = keep(client, q="peer OR (mentor", title="peer", year_from="2010", not_year="2013", sort="newest", page="3")
    assert one.parameters == "not_year=2013&q=peer+OR+%28mentor&sort=newest&title=peer&year_from=2010"
    assert one.asked == "peer OR (mentor; Title: peer"
    assert one.strategy == "(peer OR mentor) AND title:peer"
    assert one.boxes == [["Any field", "peer OR (mentor"], ["Title", "peer"]]
    assert one.limits == [["Year", "2010-"], ["Year", "not 2013"]]
    assert one.notes == ["An opening bracket has no partner; it was closed at the end."]
    assert (one.count, one.collection, one.revision, one.zone) == (1, 3, set_number, "Asia/Kathmandu")
    assert one.last_change == Record.objects.order_by("-modified").first().modified


def test_every_record_found_is_written_down_and_not_only_the_first_page(client):
    records = make_records([make_draft(f"Report {number}") for number in range(130)])
    one = keep(client, q="report")
    assert one.count == 130
    assert set(kept.unpack(bytes(one.hits.packed))) == {record.pk for record in records}


def test_new_changed_and_gone_records_are_told_exactly(client):
    ends = ("stays", "changes", "leaves", "is withdrawn", "becomes a draft", "is deleted")
    records = make_records([make_draft(f"Peer {end}") for end in ends])
    _stays, changed, leaves, withdrawn, hidden, deleted = records
    one = keep(client, q="peer")
    nothing = kept.changes_since(one)
    assert (nothing.new, nothing.changed, nothing.gone) == ([], [], [])
    new = make_record("Peer is new")
    change(changed, title="Peer was changed")
    change(leaves, title="Other words")
    change(withdrawn, title="Peer is withdrawn", status="withdrawn")
    change(hidden, title="Peer secret", status="draft")
    changes.delete(changes.open_change_set(codes.EDIT), [deleted.pk])
    since = kept.changes_since(one)
    assert (since.new, since.changed, since.count) == ([new.pk], [changed.pk], 3)
    assert since.gone == sorted([leaves.pk, withdrawn.pk, hidden.pk, deleted.pk], reverse=True)
    page = show(client, one)
    assert "6 results found" in page.text
    assert "The search finds 3 records now." in page.text
    assert "New: found now and not then 1 Peer is new Changed: found then and now 1 Peer was changed" in page.text
    assert f"Record {withdrawn.pk} withdrawn" in page.text
    assert f"/records/{withdrawn.pk}" in page.links()
    assert f"Record {hidden.pk} no longer public" in page.text
    assert f"/records/{hidden.pk}" not in page.links()
    assert "secret" not in page.text
    assert "Other words no longer found by this search" in page.text


def test_what_changed_is_told_apart_by_author_and_year(client):
    gone = make_record("Annual report", authors=("Secret, Ann",), year=1999)
    one = keep(client, q="report")
    new = [make_record("Annual report", authors=(name, "Other, O."), year=2012) for name in ("First, F.", "Next, N.")]
    make_record("Annual report")
    change(gone, title="Annual report", authors=("Secret, Ann",), year=1999, status="withdrawn")
    page = show(client, one)
    assert "Annual report Annual report Next, N. 2012 Annual report First, F. 2012" in page.text
    response = client.get(f"/searches/{one.code}/changes.csv")
    written = response.getvalue().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(written))
    assert head == ["Change", "Record", "Title", "First author", "Year", "Reason", "Address"]
    assert rows[2][:6] == ["new", str(new[0].pk), "Annual report", "First, F.", "2012", ""]
    assert rows[3][:6] == ["gone", str(gone.pk), "(withdrawn)", "", "", "withdrawn"]
    assert "Secret" not in written + page.text


def test_the_lists_of_changes_are_bounded_and_the_table_has_all(client):
    one = keep(client, q="report")
    make_records([make_draft(f"=Report {number}") for number in range(130)])
    page = show(client, one)
    assert "found now and not then 130" in page.text
    assert len([link for link in page.links() if link.startswith("/records/")]) == 100
    response = client.get(f"/searches/{one.code}/changes.csv")
    rows = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert len(rows) == 131
    assert rows[1][0] == "new"
    assert all(row[2].startswith("'=Report") for row in rows[1:])


def test_the_search_as_it_was_is_shown_unchanged_when_the_catalogue_has_grown(client):
    make_record("Peer one")
    one = keep(client, q="peer")
    make_record("Peer two")
    page = show(client, one)
    assert client.get(f"/searches/{one.code.upper()}").status_code == 200
    assert "1 result found" in page.text
    assert "/search?q=peer" in page.links()
    assert "Collection 1 record, change set" in page.text


def test_a_search_is_run_again_and_kept_as_an_update_of_the_first(client):
    make_record("Peer one")
    first = keep(client, q="peer")
    make_record("Peer two")
    link = next(link for link in show(client, first).links() if "again=" in link)
    second = keep(client, **{k: v for k, v in Page(client.get(link)).inputs().items() if k != "csrfmiddlewaretoken"})
    third = keep(client, q="peer", again=second.code)
    assert (second.first, third.first, first.first) == (first, first, None)
    for one in (first, second, third):
        links = show(client, one).links()
        assert all(f"/searches/{run.code}" in links for run in (first, second, third))
    report = client.get(f"/searches/{first.code}/report.txt").content.decode()
    assert f"2, {second.code}: 2 records" in report


def test_the_report_has_the_items_of_prisma_s(client, settings):
    settings.LIBRARY_NAME, settings.SITE_URL = "Grey Library", "https://grey.example.org"
    make_record("Peer mentoring", country="Norway")
    one = keep(client, q="peer -drugs", in_country="Norway", missing="year")
    make_record("Peer two", country="Norway")
    text = client.get(f"/searches/{one.code}/report.txt").content.decode()
    expected = (
        "Item 1. Database name\n   Database: Grey Library\n   Address: https://grey.example.org/\n",
        "Item 8. Full search strategy, as run\n   Any field: peer -drugs\n   Searched as: peer AND (NOT drugs)\n",
        "Address of the search: https://grey.example.org/search?in_country=Norway&missing=year&q=peer+-drugs",
        "Item 9. Limits and restrictions\n   Country: Norway\n   Year: none given\n",
        "2 records found; 1 new, 0 changed, 0 gone since this run",
        "Item 13. Date and time of the search\n   Run: 2",
        "Records found: 1\n   Records in the database: 1\n",
        f"Permanent address: https://grey.example.org/searches/{one.code}\n",
        " UTC\n\nResults",
    )
    assert [part for part in expected if part not in text] == []


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("UTC", "2026-01-15 20:55:42 UTC"),
        ("Europe/Helsinki", "2026-01-15 22:55:42 Europe/Helsinki (EET, UTC+02:00)"),
        ("Asia/Kathmandu", "2026-01-16 02:40:42 Asia/Kathmandu (UTC+05:45)"),
    ],
)
def test_the_report_tells_the_time_and_its_zone_once(zone, written):
    made = datetime(2026, 1, 15, 20, 55, 42, tzinfo=UTC)
    assert kept_report.moment(KeptSearch(made=made, zone=zone)) == written


def test_pages_tell_times_as_the_stamp_does_and_one_record_is_no_records(client):
    make_record("Peer mentoring")
    first = keep(client, q="peer")
    KeptSearch.objects.update(made=datetime(2026, 1, 15, 20, 55, 42, tzinfo=UTC))
    keep(client, q="peer", again=first.code)
    assert "January 15, 2026, 8:55 pm : 1 record " in show(client, first).text
    text = client.get(f"/searches/{first.code}/report.txt").content.decode()
    assert "1 record, 2026-01-15 20:55:42 UTC" in text
    assert "1 record found; 0 new" in text
    assert "1 records" not in text


def test_no_cell_of_the_report_is_a_formula(client):
    one = keep(client, q='=HYPERLINK("http://evil.example","x")', title="@SUM(A1)")
    response = client.get(f"/searches/{one.code}/report.csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert ["8", "Full search strategy, as run", "Any field", '\'=HYPERLINK("http://evil.example","x")'] in rows
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]


def entries(client: Client, one: KeptSearch) -> list[ElementTree.Element]:
    response = client.get(f"/searches/{one.code}.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)  # noqa: S314 - our own
    for required in ("id", "title", "updated", "author"):
        assert feed.find(ATOM + required) is not None
    return feed.findall(ATOM + "entry")


def test_the_feed_has_what_the_search_finds_now_newest_first(client):
    one = keep(client, q="peer")
    older = make_record("Peer <older> &")
    make_record("Peer draft", status="draft")
    newer = make_record("Peer newer")
    found = entries(client, one)
    assert [entry.findtext(ATOM + "title") for entry in found] == ["Peer newer", "Peer <older> &"]
    ids = [entry.findtext(ATOM + "id") for entry in found]
    assert ids == [f"http://testserver/records/{newer.pk}", f"http://testserver/records/{older.pk}"]
    change(older, title="Peer older, changed")
    again = entries(client, one)
    assert [entry.findtext(ATOM + "id") for entry in again] == ids
    older.refresh_from_db()
    assert again[1].findtext(ATOM + "updated")[:19] == f"{older.modified:%Y-%m-%dT%H:%M:%S}"
    assert again[1].findtext(ATOM + "published")[:19] == f"{older.created:%Y-%m-%dT%H:%M:%S}"


def test_an_empty_feed_does_not_change_by_being_read(client):
    one = keep(client, q="nothing")
    response = client.get(f"/searches/{one.code}.atom")
    updated = ElementTree.fromstring(response.content).findtext(ATOM + "updated")  # noqa: S314 - our own
    assert updated[:19] == f"{one.made:%Y-%m-%dT%H:%M:%S}"


def test_the_feed_of_a_kept_search_is_made_as_that_of_any_search(client):
    one = keep(client, q="peer")
    make_record("Peer", authors=("A, B", "C, D"), keywords=("K",), summary="x" * 3_000)
    kept_entry = entries(client, one)[0]
    other = ElementTree.fromstring(client.get("/search.atom?q=peer").content)  # noqa: S314 - our own
    assert ElementTree.tostring(kept_entry) == ElementTree.tostring(other.find(ATOM + "entry"))
    assert [name.text for name in kept_entry.iter(ATOM + "name")] == ["A, B", "C, D"]
    address = f"/searches/{one.code}.atom"
    again = client.get(address, headers={"if-none-match": client.get(address)["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_feed_is_xml_whatever_a_record_holds(client):
    one = keep(client, q="peer")
    record = make_record("Peer")
    Record.objects.filter(pk=record.pk).update(title="Peer \ufffe\uffff \x0b ]]>", summary="\x1b <b>&amp;")
    assert len(entries(client, one)) == 1


def test_markup_in_a_summary_is_shown_by_feed_readers_and_not_obeyed(client):
    one = keep(client, q="peer")
    make_record("Peer", summary="a <script>b</script>")
    (entry,) = entries(client, one)
    assert entry.findtext(ATOM + "summary") == "<p>a &lt;script&gt;b&lt;/script&gt;</p>"


def test_identical_searches_of_the_same_second_are_one(client):
    assert keep(client, q="peer") == keep(client, q="peer", sort="relevance", page="2")
    assert keep(client, q="peer") != keep(client, q="peers")


def test_only_so_many_searches_are_kept_in_a_minute(client, monkeypatch):
    monkeypatch.setattr(kept, "MOST_A_MINUTE", 2)
    keep(client, q="a")
    keep(client, q="b")
    response = client.post("/searches/keep", {"q": "c"})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "Very many searches are being kept at the moment." in Page(response).text
    assert KeptSearch.objects.count() == 2


def test_only_so_many_bytes_are_kept_in_a_day_and_the_same_hits_once(client, monkeypatch):
    make_record("Peer")
    one, two = keep(client, q="peer"), keep(client, title="peer")
    assert one.hits == two.hits
    assert KeptHits.objects.count() == 1
    monkeypatch.setattr(kept, "MOST_BYTES_A_DAY", one.hits.size + 1)
    keep(client, q="peers")  # the same hits once more
    make_record("Peer again")
    keep(client, q="again")
    refused = client.post("/searches/keep", {"q": "other"})
    assert (refused.status_code, refused.has_header("Retry-After")) == (429, False)
    assert "no room for more before tomorrow" in refused.content.decode()


def test_a_search_too_long_for_an_address_is_refused_with_a_sentence(client):
    parameters = {"q": "word " * 2_000}
    assert "too long to be kept" in Page(client.get("/searches/keep", parameters)).text
    response = client.post("/searches/keep", parameters)
    assert response.status_code == 400
    assert "too long to be kept" in Page(response).text


@pytest.mark.parametrize("code", ["abcdefgh", "x", "keep-", "0" * 200, "2345678", "é", "\0"])
def test_an_unknown_code_answers_404(client, code):
    for end in ("", ".atom", "/changes.csv", "/report.txt", "/report.csv", "/report.pdf"):
        assert client.get(f"/searches/{code}{end}").status_code == 404
    assert client.post("/searches/keep", {"q": "x", "again": code}).status_code == 404


@pytest.mark.parametrize("code", ["\0", "abcdefg\0", "\ud800".encode("utf-8", "surrogatepass"), "' OR 1"])
def test_what_can_be_no_code_answers_404(client, code):
    for ask in (client.get, client.post):
        assert ask("/searches/keep", {"q": "x", "again": code}).status_code == 404


def test_junk_is_kept_and_shown_like_anything_else(client, monkeypatch):
    monkeypatch.setattr(kept, "MOST_A_MINUTE", 1_000)
    make_record("Peer")
    for junk in JUNK:
        assert is_harmless(client.get("/searches/keep", {"q": junk})), junk
        response = client.post("/searches/keep", {"q": junk, "in_country": junk, "sort": junk, "year_from": junk})
        assert response.status_code in (302, 400), junk
        if response.status_code == 302:
            address = response["Location"]
            assert is_harmless(client.get(address)), junk
            for end in ("/report.txt", "/report.csv", ".atom", "/changes.csv"):
                assert client.get(address + end).status_code == 200, junk


def test_a_renamed_heading_is_no_change_of_the_record_but_leads_the_search_on(client):
    make_record("Report", keywords=("Jails",))
    one = keep(client, q="gaols")
    KeywordVariant.objects.create(form="Gaols", authority=Keyword.objects.get())
    assert len(kept.changes_since(one).new) == 1


def test_a_page_of_a_kept_search_asks_as_often_for_many_changes_as_for_one(client):
    one = keep(client, q="report")
    counts = []
    for number in (1, 60):
        make_records([make_draft(f"Report {place}") for place in range(number)])
        show(client, one)
        with CaptureQueriesContext(connection) as queries:
            show(client, one)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 12
