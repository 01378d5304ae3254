"""A reader's own searches: listed only for those who ask for it, combined by number, kept in no other place."""

import csv
import hashlib
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import Client

from search import history
from search.desk import record_numbers
from tests import test_pages
from tests.records import make_draft, make_record, make_records
from tests.test_pages import JUNK, Page, is_harmless, search

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listing(client: Client) -> Client:
    """A reader who keeps a list."""
    assert client.post("/history", {"action": "start"}).status_code == 302
    return client


def follow(client: Client, **parameters: object) -> tuple[str, Page]:
    """Search, follow the redirects, and return where that led and what is there."""
    response = client.get("/search", parameters, follow=True)
    assert response.status_code == 200
    where = response.redirect_chain[-1][0] if response.redirect_chain else ""
    return where, Page(response)


def titles(page: Page) -> list[str]:
    """Return the titles of what was found; the records that only come close stand below them."""
    count = int(re.search(r"([0-9]+) results? found", page.text)[1])
    return test_pages.titles(page)[:count]


def lines(client: Client) -> list[str]:
    """Return the rows of the list: number, what was asked, count."""
    response = client.get("/history/log.csv")
    return [" | ".join(row[:4]) for row in list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))[1:]]


def test_nobody_has_a_list_who_did_not_switch_it_on(client):
    search(client, q="peer")
    assert history.COOKIE not in client.cookies
    page = Page(client.get("/history"))
    assert "Keep a list of my searches in this browser" in page.text
    assert history.COOKIE not in client.cookies


def test_a_line_tells_its_time_as_the_stamp_does_and_one_record_is_no_records(listing):
    make_record("Peer mentoring")
    search(listing, q="peer")
    assert re.search(r"Any field: peer 1 \d?\d:\d\d [ap]m ", Page(listing.get("/history")).text)
    assert re.search(
        r"    1 record, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n", listing.get("/history/log.txt").content.decode()
    )


def test_the_list_begins_by_a_post_of_our_own_page():
    client = Client(enforce_csrf_checks=True)
    assert client.post("/history", {"action": "start"}).status_code == 403
    token = Page(client.get("/history")).inputs()["csrfmiddlewaretoken"]
    assert client.post("/history", {"action": "start", "csrfmiddlewaretoken": token}).status_code == 302
    cookie = client.cookies[history.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"], "it ends with the browser"


def test_searches_are_numbered_with_what_they_found(listing):
    make_records([make_draft("Peer support"), make_draft("Prison")])
    for parameters in ({"q": "peer"}, {"title": "prison", "in_country": "Norway"}, {"q": "peer OR prison"}):
        search(listing, **parameters)
    assert lines(listing) == [
        "#1 | peer |  | 1",
        '#2 | title:prison AND country="Norway" |  | 0',
        "#3 | peer OR prison |  | 2",
    ]
    page = Page(listing.get("/history"))
    assert "#1 Any field: peer 1" in page.text
    assert "#2 Title: prison Country: Norway 0" in page.text
    assert "/search?q=peer" in page.links()


def test_the_same_search_twice_its_other_pages_and_orders_and_no_search_at_all_are_one_line(listing):
    make_records([make_draft(f"Report {number}") for number in range(30)])
    for parameters in (
        {"q": "report"},
        {"q": "report"},
        {"q": "report", "page": "2"},
        {"q": "report", "sort": "title"},
    ):
        search(listing, **parameters)
    search(listing)
    listing.head("/search?q=other")
    assert lines(listing) == ["#1 | report |  | 30"]
    search(listing, q="other")
    search(listing, q="report")
    assert len(lines(listing)) == 3


COUNTRIES = {"A": ("peer", "Norway", 2010), "B": ("peer", "Chile", 2012), "C": ("prison", "Norway", None)}


@pytest.fixture
def records() -> None:
    make_records(
        [
            make_draft(f"{name} {words}", country=country, year=year, kind="working-paper", language="en")
            for name, (words, country, year) in COUNTRIES.items()
        ]
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("#1 AND #2", "A"),
        ("#1 OR #2", "ABC"),
        ("#1 NOT #2", "B"),
        ("#2 AND NOT #1", "C"),
        ("NOT (#1 #2)", "BC"),
        ("#2 chile OR prison", "C"),
        ("#1", "AB"),
    ],
)
def test_lines_are_combined_in_an_address_that_means_the_same_for_everybody(listing, records, typed, expected):
    search(listing, q="peer")
    search(listing, in_country="Norway")
    where, page = follow(listing, q=typed)
    assert "#" not in where
    assert "%23" not in where
    assert "".join(sorted(title[0] for title in titles(page))) == expected
    stranger = Page(Client().get(where))
    assert "".join(sorted(title[0] for title in titles(stranger))) == expected


FILTERS = [
    {"in_country": ["Norway", "Chile"]},
    {"not_country": "Norway"},
    {"year_from": "2010", "year_to": "2011"},
    {"in_year": ["2012"], "missing": "year"},
    {"has": "year"},
    {"not_year": "2010"},
    {"in_language": "en"},
    {"not_kind": "report", "in_language": "en"},
    {"author": "nobody"},
    {"year": "2010-2012", "country": "norway"},
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_a_line_with_boxes_and_facets_finds_the_same_as_an_expression(listing, records, filters):
    expected = titles(search(listing, sort="title", **filters))
    where, page = follow(listing, q="#1", sort="title")
    assert titles(page) == expected
    assert set(parse_qs(urlsplit(where).query)) <= {"q", "sort", "also"}
    assert "cannot be combined" not in page.text


def test_a_line_named_in_another_box_asks_for_what_it_asked_for(listing, records):
    search(listing, in_country="Norway")
    _where, page = follow(listing, title="#1 peer", q="A OR B")
    assert [title[0] for title in titles(page)] == ["A"]


def test_what_the_language_cannot_say_is_left_out_and_said(listing, records):
    search(listing, q="peer", in_link="1", missing="author")
    _where, page = follow(listing, q="#1")
    assert len(titles(page)) == 2
    assert "Line #1 was narrowed by “Link to the document: 1”, which cannot be combined; it was left out." in page.text
    assert "Line #1 was narrowed by “Author: none given”" in page.text
    assert "cannot be combined" not in search(listing, q="prison").text, "it is said once"


def test_a_line_that_is_not_there_is_searched_as_a_word_and_this_is_said(listing, records):
    make_record("Peer 99")
    search(listing, q="peer")
    for client in (listing, Client()):
        page = search(client, q="#99")
        assert "There is no line #99 in a list of your searches; it was searched as a word." in page.text
        assert titles(page) == ["Peer 99"]
        assert "<mark>99</mark>" in client.get("/search", {"q": "peer #99"}).content.decode()
        assert titles(search(client, title="#99")) == ["Peer 99"]
    assert record_numbers("#99", 10)[1] == 1
    where, page = follow(listing, q="#1 AND #99")
    assert "#" not in where
    assert titles(page) == ["Peer 99"]
    assert "There is no line #99" in page.text


def test_lines_of_lines_are_written_out(listing, records):
    search(listing, q="peer")
    follow(listing, q="#1 chile")
    follow(listing, q="#2 OR prison")
    assert lines(listing)[1:] == ["#2 | peer AND chile |  | 1", "#3 | (peer AND chile) OR prison |  | 2"]


def test_a_line_made_of_others_says_how_it_was_typed(listing, records):
    search(listing, q="peer")
    search(listing, q="prison")
    follow(listing, q="#1 OR #2")
    search(listing, q="chile")
    rows = list(csv.reader(io.StringIO(listing.get("/history/log.csv").content.decode("utf-8-sig"))))
    assert [row[5] for row in rows[1:]] == ["", "", "#1 OR #2", ""]
    assert (
        "#3  peer OR prison\n    Typed as: #1 OR #2\n    3 records" in listing.get("/history/log.txt").content.decode()
    )
    assert "peer OR prison Typed as: #1 OR #2 3" in Page(listing.get("/history")).text


def test_lines_too_long_together_are_not_combined(listing):
    search(listing, q=" ".join(f"word{number}" for number in range(150)))
    search(listing, q=" ".join(f"term{number}" for number in range(100)))
    page = search(listing, q="#1 OR #2")
    assert "These lines together are too long for one search" in page.text
    page = search(listing, q=" ".join(["#1"] * 200), title=" ".join(["#1"] * 200))
    assert "These lines together are too long for one search" in page.text


def test_chosen_lines_are_combined_by_the_buttons_of_the_page(listing, records):
    search(listing, q="peer")
    search(listing, q="norway")
    for how, expected in (("and", "A"), ("or", "ABC"), ("not", "B")):
        response = listing.get("/history/combine", {"line": ["2", "1"], "how": how}, follow=True)
        assert response.status_code == 200
        assert "".join(sorted(title[0] for title in titles(Page(response)))) == expected
    for junk in ({}, {"line": "1"}, {"line": "77", "how": "and"}, {"line": "\0", "how": "xor"}):
        assert "Choose the lines to combine." in Page(listing.get("/history/combine", junk, follow=True)).text


def test_the_list_is_cleared_and_ended(listing):
    search(listing, q="peer")
    listing.post("/history", {"action": "clear"})
    assert lines(listing) == []
    search(listing, q="other")
    assert lines(listing) == ["#1 | other |  | 0"]
    listing.post("/history", {"action": "start"})
    assert len(lines(listing)) == 1, "to begin what has begun changes nothing"
    listing.post("/history", {"action": "stop"})
    search(listing, q="peer")
    assert not listing.cookies[history.COOKIE].value


def test_the_log_says_what_each_line_asked_and_no_cell_is_a_formula(listing, records):
    search(listing, q="@peer", in_link="1")
    search(listing, q="=1+1")
    rows = list(csv.reader(io.StringIO(listing.get("/history/log.csv").content.decode("utf-8-sig"))))
    assert rows[0] == ["Number", "Strategy", "Limits", "Records", "Date and time", "Typed as", "Address"]
    assert rows[1][2] == "Link to the document: 1"
    assert rows[1][6].startswith("http://testserver/search?")
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]
    text = listing.get("/history/log.txt").content.decode()
    assert "#1  peer\n    Limits: Link to the document: 1\n    0 records, 2" in text


def test_the_list_stays_within_what_a_browser_keeps(listing):
    said = []
    for number in range(80):
        noise = hashlib.sha256(str(number).encode()).hexdigest()
        page = search(listing, q=f"search number {number} {noise}")
        said += re.findall(r"The list of your searches is full: lines? .*#([0-9]+) ha.e? left it.", page.text)
    assert len(listing.cookies[history.COOKIE].value) <= history.MOST_BYTES
    kept = lines(listing)
    assert kept[-1].startswith("#80 ")
    assert 5 < len(kept) <= history.MOST_LINES
    gone = int(kept[0].split()[0].removeprefix("#")) - 1
    assert int(said[-1]) == gone
    sentence = f"The list was full: the lines up to #{gone} have left it."
    assert sentence in Page(listing.get("/history")).text
    assert sentence in listing.get("/history/log.txt").content.decode()
    assert "Line #1 has left the list of your searches" in search(listing, q="#1").text
    kept = lines(listing)
    long = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(3_000))
    assert "too long for the list in your browser" in search(listing, q=long).text
    assert lines(listing) == kept


def test_a_list_of_an_earlier_version_is_read(client):
    kept = ([(1, "q=peer", 3, 1_700_000_000)], 2, [])
    client.cookies[history.COOKIE] = signing.dumps(kept, salt="greyshelf.searches", compress=True)
    assert lines(client) == ["#1 | peer |  | 3"]


def test_a_list_that_we_did_not_write_is_no_list(client):
    for value in ("", "x", "e30:1:2", "\u00e9", "W10:1abcde:AAAA", "." + "A" * 5_000):
        client.cookies[history.COOKIE] = value
        assert client.get("/search?q=%231").status_code == 200
        assert "Keep a list of my searches" in Page(client.get("/history")).text
        assert client.get("/history/log.csv").status_code == 200


def test_junk_is_listed_and_combined_like_anything_else(listing):
    make_record("Peer")
    for junk in JUNK:
        for parameters in ({"q": junk}, {"title": junk, "in_country": junk}, {"q": f"#1 OR #2 {junk}"}):
            response = listing.get("/search", parameters, follow=True)
            assert response.status_code == 200, junk
            assert is_harmless(response), junk
        assert is_harmless(listing.get("/history")), junk
        assert listing.get("/history/log.txt").status_code == 200
        assert listing.post("/history", {"action": junk}).status_code == 302


def test_pages_of_one_reader_are_not_kept_for_another(listing):
    assert "Cookie" in listing.get("/search?q=peer")["Vary"]
    for address in ("/history", "/history/log.csv", "/history/combine"):
        assert "no-store" in listing.get(address)["Cache-Control"]
