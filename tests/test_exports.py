"""Searches and records to take away: as many as the page says, in its order, in formats that others can read."""

import csv
import io
import json
import re
from datetime import timedelta
from types import GeneratorType
from xml.etree import ElementTree

import bibtexparser
import pymarc
import pytest
import rispy
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue import changes, codes, exporting
from catalogue.changes import Wish
from catalogue.draft import Identifier
from catalogue.formats import ReadOptions, get_format
from catalogue.models import Record
from search import exports, printing
from search.filters import SORTS
from tests.records import make_draft, make_record, make_records
from tests.test_pages import JUNK, MARKUP, SEED, Page, is_harmless, search, titles

pytestmark = pytest.mark.django_db(transaction=True)

ENDINGS = ("ris", "bib", "csv", "jsonl", "csl.json", "mrc", "marcxml", "mods", "dc")
# Offered at once; the others stand behind "other formats".
USUAL = ENDINGS[:4]
ATOM = "{http://www.w3.org/2005/Atom}"
SEARCHES: list[dict[str, object]] = [
    {},
    {"q": "peer"},
    {"q": "peer OR prison"},
    {"q": "-peer"},
    {"title": "pris*", "sort": "title"},
    {"q": "peer", "sort": "newest"},
    {"sort": "oldest", "per_page": 10, "page": 3},
    {"sort": "added"},
    {"keyword": "Mentoring", "sort": "author"},
    {"in_country": ["Chile", "Finland"]},
    {"q": "peer", "not_country": "Chile"},
    {"missing": "country"},
    {"has": "keyword", "year_from": 1995, "year_to": 2001},
    {"in_link": "1"},
    {"year": "1990-1999", "in_author": "Ärzte, Ö."},
    {"q": "nothing at all"},
]


@pytest.fixture
def collection() -> list[Record]:
    """Sixty records that share words, years, countries and keywords unevenly, a draft and a withdrawn one."""
    drafts = [
        make_draft(
            f"{'Peer' if number % 2 else 'Prison'} report {number % 7} {number:02}",
            authors=("Ärzte, Ö.",) if number % 5 else ("Fletcher, Del Roy", "Ministry of Justice"),
            summary="peer " * (number % 4) + "research",
            year=1990 + number % 13 if number % 3 else None,
            country=("Chile", "Finland", "")[number % 3],
            keywords=("Mentoring",) if number % 4 else (),
            url="https://example.org/a.pdf" if number % 2 else "",
        )
        for number in range(60)
    ]
    hidden = [make_draft("Peer secret", status=status) for status in (codes.DRAFT, codes.WITHDRAWN)]
    return make_records([*drafts, *hidden])


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def exported(client: Client, ending: str, **parameters: object):
    response = client.get(f"/search.{ending}", parameters)
    assert response.status_code == 200
    return response


def titles_in(ending: str, data: bytes) -> list[str]:
    """Return the titles in a file, as the programs of others read them."""
    if ending == "ris":
        return [one["title"] for one in rispy.loads(data.decode())]
    if ending == "bib":
        library = bibtexparser.parse_string(data.decode())
        assert not library.failed_blocks
        return [entry["title"] for entry in library.entries]
    if ending == "csv":
        return [row["title"] for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    if ending in ("mrc", "marcxml"):
        records = pymarc.MARCReader(data) if ending == "mrc" else pymarc.parse_xml_to_array(io.BytesIO(data))
        return [": ".join(record["245"].get_subfields("a", "b")) for record in records]
    if ending in ("mods", "dc"):
        tag = "mods" if ending == "mods" else "dc"
        found = [one for one in ElementTree.fromstring(data) if one.tag.endswith("}" + tag)]  # noqa: S314 - our own
        return [next(part.text for part in one.iter() if part.tag.endswith("}title")) for one in found]
    if ending == "csl.json":
        return [item["title"] for item in json.loads(data)]
    return [json.loads(line)["title"] for line in data.splitlines()]


def titles_of_pages(client: Client, **parameters: object) -> list[str]:
    """Return the titles on all pages of a search, as somebody who turns them sees them."""
    parameters = {**parameters, "per_page": 10, "page": 1}
    found: list[str] = []
    while True:
        response = client.get("/search", parameters)
        cards = response.context["cards"]
        found += [card.title for card in cards]
        if len(cards) < 10 or len(found) >= response.context["stamp"].count:
            assert len(found) == response.context["stamp"].count
            return found
        parameters["page"] += 1


@pytest.mark.parametrize("parameters", SEARCHES, ids=str)
def test_a_file_holds_what_all_pages_show_in_their_order(client, collection, parameters):
    expected = titles_of_pages(client, **parameters)
    for ending in ENDINGS:
        response = exported(client, ending, **parameters)
        assert titles_in(ending, body(response)) == expected, ending
        assert response["X-Records"] == str(len(expected))


@pytest.mark.parametrize("sort", [sort.value for sort in SORTS])
def test_every_order_is_that_of_the_pages(client, collection, sort):
    expected = titles_of_pages(client, q="peer", sort=sort)
    assert titles_in("csv", body(exported(client, "csv", q="peer", sort=sort))) == expected
    printed = client.get("/search/print", {"q": "peer", "sort": sort})
    assert [card.title for card in printed.context["cards"]] == expected


def test_drafts_and_withdrawn_records_are_never_taken_away(client, collection):
    hidden = list(Record.objects.exclude(status="published").values_list("pk", flat=True))
    for ending in ENDINGS:
        assert b"secret" not in body(exported(client, ending))
        assert b"secret" not in body(client.get(f"/records.{ending}", {"n": hidden}))
    assert "secret" not in Page(client.get("/search/print")).text
    assert "secret" not in Page(client.get("/records/print", {"n": hidden})).text
    assert b"secret" not in client.get("/search.atom").content


def test_a_record_that_goes_while_a_file_is_sent_is_left_out(client, collection):
    response = exported(client, "csv", sort="title")
    first, second = Record.objects.filter(status="published").order_by("title")[:2]
    first.delete()
    gone = changes.open_change_set(codes.EDIT)
    changes.apply(gone, [Wish(make_draft(second.title, status=codes.WITHDRAWN), second.pk)])
    found = titles_in("csv", body(response))
    assert response["X-Records"] == "60"
    assert len(found) == 58
    assert not {first.title, second.title} & set(found)


def test_a_file_is_sent_as_it_is_made(client, collection, monkeypatch):
    monkeypatch.setattr(exporting, "BATCH", 10)
    monkeypatch.setattr(exports, "CHUNK", 500)
    with CaptureQueriesContext(connection) as queries:
        response = exported(client, "ris")
        before = len(queries)
        assert response.streaming
        chunks = iter(response.streaming_content)
        first = next(chunks)
        after_one = len(queries)
        rest = list(chunks)
    assert 500 <= len(first) < 2_000
    assert after_one - before == 4, "one batch was read for the first chunk"
    assert len(queries) - before == 4 * 6
    assert len(rest) > 5
    assert isinstance(exports.chunks(iter([b""])), GeneratorType)


def test_files_have_names_that_say_what_was_asked(client, collection):
    def name(**parameters: object) -> str:
        return exported(client, "ris", **parameters)["Content-Disposition"]

    assert name(q="peer mentoring (u.k.)") == 'attachment; filename="peer-mentoring-u-k.ris"'
    assert name() == 'attachment; filename="records.ris"'
    assert name(q="väki") == "attachment; filename=\"vaki.ris\"; filename*=UTF-8''v%C3%A4ki.ris"
    assert name(q="中文") == "attachment; filename=\"records.ris\"; filename*=UTF-8''%E4%B8%AD%E6%96%87.ris"
    assert name(in_country="Chile") == 'attachment; filename="chile.ris"'
    for asked in ('a"; filename="b', "a\r\nSet-Cookie: x", "../../etc/passwd", "x" * 10_000, "con.exe\0"):
        header = name(q=asked)
        assert re.fullmatch(r'attachment; filename="[a-z0-9-]{1,120}\.ris"(; filename\*=UTF-8\'\'[\w%.~-]+)?', header)


@pytest.mark.parametrize(
    ("ending", "media_type"),
    [
        ("ris", "application/x-research-info-systems; charset=utf-8"),
        ("bib", "application/x-bibtex; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8"),
        ("jsonl", "application/jsonl; charset=utf-8"),
        ("csl.json", "application/vnd.citationstyles.csl+json; charset=utf-8"),
        ("mrc", "application/marc"),
        ("marcxml", "application/marcxml+xml; charset=utf-8"),
        ("mods", "application/mods+xml; charset=utf-8"),
        ("dc", "application/xml; charset=utf-8"),
    ],
)
def test_a_file_says_what_it_is_and_is_kept_out_of_search_engines(client, collection, ending, media_type):
    for address in (f"/search.{ending}?q=peer", f"/records.{ending}?n={collection[0].pk}"):
        response, head = client.get(address), client.head(address)
        assert (response["Content-Type"], head["Content-Type"]) == (media_type, media_type)
        assert response["X-Robots-Tag"] == "noindex"
        assert (head.status_code, body(head)) == (200, b"")
        assert "Content-Length" not in head
        assert head["X-Records"] == response["X-Records"]
        assert client.post(address).status_code == 405
    assert f"Disallow: /*.{ending}" in client.get("/robots.txt").content.decode()


def test_junk_never_fails(client):
    make_record(**SEED)
    for junk in JUNK:
        for parameters in ({"q": junk}, {"year": junk, "sort": junk, "page": junk, "in_country": junk, "n": junk}):
            for address in (*(f"/search.{ending}" for ending in USUAL), "/search/print"):
                response = client.get(address, parameters)
                assert response.status_code == 200, (address, junk)
                body(response)
            assert client.get("/search.atom", parameters).status_code == 200
            ElementTree.fromstring(client.get("/search.atom", parameters).content)  # noqa: S314 - our own
            for address in ("/records.ris", "/records/print"):
                assert client.get(address, parameters).status_code in (200, 400)
    assert client.get("/search.xml").status_code == 404
    assert client.get("/records.xml").status_code == 404
    assert client.get("/records/1.xml").status_code == 404


def test_a_table_has_every_public_field_and_no_formula(client):
    make_record(
        "=HYPERLINK()",
        authors=("Fletcher, Del Roy",),
        summary="@SUM(1)",
        details="-1",
        shelf_number="+12",
        keywords=("=1", "k"),
        identifiers=(Identifier("doi", "10.1/x"),),
    )
    row = next(csv.DictReader(io.StringIO(body(exported(client, "csv")).decode("utf-8-sig"), newline="")))
    assert row["title"] == "'=HYPERLINK()"
    assert (row["summary"], row["details"], row["shelf_number"]) == ("'@SUM(1)", "'-1", "'+12")
    assert (row["keywords"], row["doi"]) == ("'=1; k", "10.1/x")
    assert row["identifiers"] == f"record: http://testserver/records/{Record.objects.get().pk}"


def test_json_lines_come_back_as_the_same_drafts(client, settings):
    settings.SITE_URL = "https://library.example"
    record = make_record(**SEED)
    data = body(exported(client, "jsonl"))
    [row] = get_format("jsonl").read(io.BytesIO(data), ReadOptions())
    *_others, own = row.draft.identifiers
    assert own == Identifier("record", f"https://library.example/records/{record.pk}")
    assert (row.draft.title, row.draft.keywords) == (SEED["title"], SEED["keywords"])


# The page of results


def test_the_page_offers_each_format_with_what_was_asked(client, collection):
    page = search(client, q="peer", in_country=["Chile", "Finland"], sort="title", page=2, per_page=10)
    asked = "q=peer&in_country=Chile&in_country=Finland"
    for address in (*(f"/search.{ending}" for ending in ENDINGS), "/search/print"):
        assert f"{address}?{asked}&sort=title" in page.links()
    feed = {"rel": "alternate", "type": "application/atom+xml", "href": f"/search.atom?{asked}"}
    assert [tag for name, tag in page.tags if name == "link" and feed.items() <= tag.items()]
    assert f"/search.atom?{asked}" in page.links()


def test_nothing_found_offers_a_feed_but_no_files(client):
    page = search(client, q="nothing")
    assert "/search.atom?q=nothing" in page.links()
    assert not [link for link in page.links() if link.startswith(("/search.ris", "/search/print"))]
    assert "Take the ticked records" not in page.text


def test_records_are_ticked_and_taken_with_one_form(client, collection):
    page = search(client, q="peer", sort="title")
    boxes = [a for tag, a in page.tags if tag == "input" and a.get("class") == "tick"]
    shown = titles(page)
    assert len(boxes) == 20
    assert {(a["type"], a["name"], a["form"]) for a in boxes} == {("checkbox", "n", "take")}
    assert boxes[0]["aria-label"] == f"Tick “{shown[0]}”"
    assert ("take", "get") in [(a.get("id"), a.get("method")) for tag, a in page.tags if tag == "form"]
    actions = [a["formaction"] for tag, a in page.tags if tag == "button" and "formaction" in a]
    more = (f"/records.{ending}" for ending in ENDINGS if ending not in USUAL)
    assert actions == [*(f"/records.{ending}" for ending in USUAL), "/records/print", *more]
    for ending in ENDINGS:
        data = body(client.get(f"/records.{ending}", {"n": [boxes[2]["value"], boxes[0]["value"]]}))
        assert titles_in(ending, data) == [shown[2], shown[0]]


def test_ticked_numbers_are_read_once_each_and_not_without_end(client, collection):
    first = collection[0].pk
    response = client.get("/records.csv", {"n": [first, "x", "-1", "", first, 2**62, "9" * 400]})
    assert titles_in("csv", body(response)) == [collection[0].title]
    many = QueryDict("&".join(f"n={number}" for number in range(1, 900)))
    assert len(exports.ticked_numbers(many)) == 500


def test_ticked_records_that_are_gone_are_not_counted_and_the_printed_page_says_so(client, collection):
    gone, left, other = (one.pk for one in collection[:3])
    Record.objects.filter(pk=gone).update(status=codes.WITHDRAWN)
    response = client.get("/records.ris", {"n": [left, gone]})
    assert response["X-Records"] == "1"
    assert titles_in("ris", body(response)) == [collection[1].title]
    said = "1 of the 2 records is no longer in the catalogue."
    assert said in Page(client.get("/records/print", {"n": [left, gone]})).text
    assert "no longer" not in Page(client.get("/records/print", {"n": [left, other]})).text
    assert "The record is no longer in the catalogue." in Page(client.get("/records/print", {"n": gone})).text


def test_nothing_ticked_is_nothing_and_not_everything(client, collection):
    for address in ("/records.ris", "/records.csv?n=", "/records/print", "/records.jsonl?n=x"):
        response = client.get(address)
        assert response.status_code == 400
        assert "Nothing was ticked" in Page(response).text
        assert "report" not in Page(response).text


@pytest.mark.parametrize(
    ("before", "back"),
    [
        ("http://testserver/search?q=peer&page=2", "/search?q=peer&page=2"),
        ("http://testserver/search", "/search"),
        ("http://evil.example/search?q=peer", ""),
        ("http://testserver//evil.example/search", ""),
        ("http://testserver/desk/?q=peer", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_whoever_ticked_nothing_is_led_back_to_the_results(client, before, back):
    page = Page(client.get("/records.ris", headers={"referer": before}))
    links = [link for link in page.links() if link.startswith("/search")]
    assert links == ([back] if back else [])
    assert "evil" not in "".join(page.links())


# Paper


def test_the_printed_page_has_the_query_the_filters_the_count_and_whole_records(client):
    summary = " ".join(f"word{number}" for number in range(300))
    make_record(**{**SEED, "summary": summary})
    response = client.get("/search/print", {"q": "offender", "in_country": "International"})
    page = Page(response)
    assert "Results for offender" in page.text
    assert "1 result found" in page.text
    assert "Country International" in page.text
    assert summary in page.text
    assert "127419" in page.text
    assert "http://testserver/search/print?q=offender&in_country=International" in page.text
    assert not [tag for tag, _ in page.tags if tag == "details"]
    assert response["X-Robots-Tag"] == "noindex"


def test_of_very_many_records_the_first_are_printed_and_the_page_says_so(client, collection, monkeypatch):
    monkeypatch.setattr(printing, "MOST_PRINTED", 7)
    response = client.get("/search/print", {"sort": "title"})
    assert "These are the first 7 of 60 records." in Page(response).text
    assert "60 results found" in Page(response).text
    assert [card.title for card in response.context["cards"]] == titles_of_pages(client, sort="title")[:7]
    assert "These are the first" not in Page(client.get("/search/print", {"q": "nothing"})).text


# Feeds


def read_feed(response) -> ElementTree.Element:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


def test_a_feed_has_the_newest_records_of_a_search(client, settings):
    settings.SITE_URL = "https://library.example"
    records = make_records([make_draft(f"Peer {number}", keywords=("K",)) for number in range(55)])
    for number, record in enumerate(records):
        Record.objects.filter(pk=record.pk).update(created=record.created - timedelta(minutes=90 - number))
    both = make_record("Peer last", authors=("A, B", "C, D"), summary="One <b>two</b>\n\nthree")
    feed = read_feed(client.get("/search.atom", {"q": "peer", "sort": "title", "page": 2}, secure=True))
    entries = feed.findall(ATOM + "entry")
    assert len(entries) == 50
    newest = [both, *reversed(records)][:50]
    addresses = [f"https://library.example/records/{record.pk}" for record in newest]
    assert [entry.findtext(ATOM + "id") for entry in entries] == addresses
    assert [entry.find(ATOM + "link").get("href") for entry in entries] == addresses
    links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
    assert links == {
        "alternate": "https://library.example/search?q=peer",
        "self": "https://library.example/search.atom?q=peer",
    }
    first = entries[0]
    assert [one.text for one in first.iter(ATOM + "name")] == ["A, B", "C, D"]
    assert first.findtext(ATOM + "summary") == "<p>One &lt;b&gt;two&lt;/b&gt;</p>\n\n<p>three</p>"
    assert first.findtext(ATOM + "updated") == both.modified.isoformat()
    assert feed.findtext(ATOM + "title").startswith("peer · ")
    for element in (feed, *entries):
        for required in ("id", "title", "updated"):
            assert element.findtext(ATOM + required), required


def test_an_unchanged_feed_is_not_sent_again(client):
    record = make_record("Peer")
    for address in ("/search.atom?q=peer", "/search.atom?q=nothing"):
        response = client.get(address)
        again = client.get(address, headers={"if-none-match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    tag = client.get("/search.atom?q=peer")["ETag"]
    changes.apply(changes.open_change_set(codes.EDIT), [Wish(make_draft("Peer two"), record.pk)])
    assert client.get("/search.atom?q=peer", headers={"if-none-match": tag}).status_code == 200


# One record


@pytest.mark.parametrize("ending", ENDINGS)
def test_one_record_is_taken_at_its_address_with_an_ending(client, ending):
    record = make_record(**SEED)
    make_record("Another")
    response = client.get(f"/records/{record.pk}.{ending}")
    assert titles_in(ending, body(response)) == [SEED["title"]]
    assert response["Content-Disposition"] == f'attachment; filename="record-{record.pk}.{ending}"'
    assert f"/records/{record.pk}.{ending}" in Page(client.get(f"/records/{record.pk}")).links()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/x-research-info-systems", "application/x-research-info-systems"),
        ("application/x-bibtex", "application/x-bibtex"),
        ("text/csv", "text/csv"),
        ("application/x-ndjson", "application/jsonl"),
        ("application/json", "application/jsonl"),
        ("application/marc", "application/marc"),
        ("application/marcxml+xml", "application/marcxml+xml"),
        ("application/mods+xml", "application/mods+xml"),
        ("application/xml", "application/xml"),
        ("application/vnd.citationstyles.csl+json", "application/vnd.citationstyles.csl+json"),
        ("text/html;q=0.5, application/x-bibtex", "application/x-bibtex"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("application/atom+xml", "text/html"),
        ("", "text/html"),
        ("junk;;;q=x,/", "text/html"),
    ],
)
def test_a_program_asks_for_a_format_in_its_accept_header(client, accept, media_type):
    record = make_record(**SEED)
    response = client.get(f"/records/{record.pk}", headers={"accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"].partition(";")[0] == media_type
    assert "Accept" in response["Vary"].split(", ")


def test_what_is_not_public_is_not_taken_away(client):
    gone, hidden = make_records([make_draft("Gone", status=codes.WITHDRAWN), make_draft("Hid", status=codes.DRAFT)])
    successor = make_record("Better")
    merged = make_record("Worse", status=codes.WITHDRAWN, replaced_by=successor.pk)
    for ending in ENDINGS:
        assert client.get(f"/records/{gone.pk}.{ending}").status_code == 410
        assert client.get(f"/records/{hidden.pk}.{ending}").status_code == 404
        response = client.get(f"/records/{merged.pk}.{ending}")
        assert (response.status_code, response["Location"]) == (301, f"/records/{successor.pk}.{ending}")
    assert client.get(f"/records/{gone.pk}", headers={"accept": "text/csv"}).status_code == 410
    assert client.get(f"/records/{10**30}.ris").status_code == 404


def test_the_page_of_a_record_tells_programs_what_it_is(client):
    record = make_record(**{**SEED, "authors": ("Fletcher, Del Roy", "Batty, Elaine"), "kind": "report"})
    page = Page(client.get(f"/records/{record.pk}"))
    meta = [(a["name"], a["content"]) for tag, a in page.tags if tag == "meta" and "name" in a]
    for pair in (
        ("citation_title", SEED["title"]),
        ("citation_author", "Fletcher, Del Roy"),
        ("citation_author", "Batty, Elaine"),
        ("citation_publication_date", "2012"),
        ("citation_technical_report_institution", "Sheffield Hallam University"),
        ("citation_pdf_url", SEED["url"]),
        ("citation_abstract_html_url", f"http://testserver/records/{record.pk}"),
        ("citation_keywords", "Peer Mentoring (U.K.)"),
    ):
        assert pair in meta
    assert "" not in [content for _name, content in meta]
    assert "Fletcher, D. R., & Batty, E. (2012). Offender Peer Interventions: What Do We Know? Sheffield" in page.text
    alternates = [a["type"] for tag, a in page.tags if tag == "link" and a.get("rel") == "alternate"]
    assert "application/x-research-info-systems" in alternates


def test_markup_in_a_record_stays_text_wherever_it_is_taken(client):
    record = make_record(MARKUP, authors=(MARKUP,), summary=MARKUP, keywords=(MARKUP,), year=2012)
    for address in (f"/records/{record.pk}", "/search/print", f"/records/print?n={record.pk}", "/search?q=peer"):
        assert is_harmless(client.get(address)), address
    assert read_feed(client.get("/search.atom")).find(f"{ATOM}entry/{ATOM}title").text.startswith("<script>")


def test_the_command_exports_what_a_query_finds(collection, tmp_path):
    file = tmp_path / "peer.csv"
    call_command("export_records", format="csv", query='title:peer country:"Chile"', output=str(file))
    found = titles_in("csv", file.read_bytes())
    expected = Record.objects.filter(title__startswith="Peer report", country__heading="Chile")
    assert sorted(found) == sorted(expected.values_list("title", flat=True))
    call_command("export_records", format="ris", query="nothing", output=str(file))
    assert file.read_bytes() == b""


def test_the_addresses_of_records_are_under_the_public_name_everywhere(client, settings):
    settings.SITE_URL = "https://library.example"
    record = make_record("T", authors=("A, B",))
    data = body(client.get(f"/records/{record.pk}.ris")).decode()
    assert rispy.loads(data)[0]["urls"] == [f"https://library.example/records/{record.pk}"]
