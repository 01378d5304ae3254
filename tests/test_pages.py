"""The public pages: what they show, what they answer to junk, and what they never show."""

import html
import itertools
import re
import socket
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue import changes, codes
from catalogue.changes import Wish
from catalogue.models import Country, CountryVariant, Record
from search import index, keeping
from search.engine import base, matching
from search.filters import PER_PAGE, SORTS
from tests.processes import run_python
from tests.records import make_draft, make_record, make_records

pytestmark = pytest.mark.django_db(transaction=True)

BOXES = ["q", "author", "title", "summary", "keyword", "country", "year", "shelf_number", "source", "url", "document"]
SEED = {
    "title": "Offender Peer Interventions: What Do We Know?",
    "authors": ("Fletcher, Del Roy",),
    "summary": "The deployment of offenders in peer mentoring roles.",
    "details": "Sheffield, UK: Sheffield Hallam University, 2012. 26p.",
    "source": "Internet Resource: Accessed January 29, 2013",
    "year": 2012,
    "country": "International",
    "url": "http://www.shu.ac.uk/_assets/pdf/cresr-using-offender-KEP-report.pdf",
    "shelf_number": "127419",
    "keywords": ("Delinquency Prevention", "Peer Mentoring (U.K.)", "Peer Support"),
}


class Page(HTMLParser):
    """What a browser makes of a page: its tags, its links and the text of its elements."""

    def __init__(self, response) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[str] = []
        self.feed(response.content.decode())
        self.text = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def links(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a" and "href" in attributes]

    def inputs(self) -> dict[str, str]:
        return {a["name"]: a.get("value", "") for tag, a in self.tags if tag == "input" and "name" in a}


def search(client: Client, **parameters: object) -> Page:
    response = client.get("/search", parameters)
    assert response.status_code == 200
    return Page(response)


def titles(page: Page) -> list[str]:
    """Return the titles of the records that a page of results found; those that only come close follow them."""
    closest = ("section", "closest")
    found = itertools.takewhile(lambda item: (item[0], item[1].get("class")) != closest, page.tags)
    links = [attributes.get("href", "") for tag, attributes in found if tag == "a"]
    numbers = [link.removeprefix("/records/") for link in links if link.startswith("/records/")]
    known = dict(Record.objects.values_list("pk", "title"))
    return [known[int(number)] for number in numbers]


def test_the_form_has_every_box(client):
    response = client.get("/")
    page = Page(response)
    assert response.status_code == 200
    assert list(page.inputs()) == BOXES
    assert ("form", "/search", "get") in [(tag, a.get("action"), a.get("method")) for tag, a in page.tags]
    labelled = {a["for"] for tag, a in page.tags if tag == "label"}
    assert {a["id"] for tag, a in page.tags if tag == "input"} <= labelled
    assert "Transaction Search Form please type in any of the fields below" in page.text


def test_the_form_is_filled_from_its_address(client):
    page = Page(client.get("/", {"keyword": 'peer "mentoring" <u.k.>', "q": "x"}))
    assert (page.inputs()["keyword"], page.inputs()["q"]) == ('peer "mentoring" <u.k.>', "x")


def test_the_form_shows_the_newest_records_and_ways_into_the_collection(client):
    make_record(**SEED)
    page = Page(client.get("/"))
    assert "1 record " in page.text
    for heading, link in (("Fletcher, Del Roy", "author"), ("Peer Support", "keyword"), ("International", "country")):
        assert f"/search?{urlencode({link: heading})}" in page.links()
        assert heading in page.text
    assert "/search?year=2012" in html.unescape(client.get("/").content.decode())


@pytest.mark.parametrize(
    ("years", "listed"),
    [
        ((987, 1925, 1934, 2011, 2012), "before 1920 1 1920-1929 1 1930-1939 1 2010-2019 2"),
        ((1925, 1934, 2011, 2012), "1920-1929 1 1930-1939 1 2010-2019 2"),
        ((1990, 2011, 2012), "1990 1 2011 1 2012 1"),
        ((1802, 1805, 2011), "1800-1809 2 2010-2019 1"),
    ],
)
def test_a_few_old_records_do_not_turn_the_years_of_the_others_into_centuries(client, years, listed):
    make_records([make_draft(f"Report of {year}", year=year) for year in years])
    page = Page(client.get("/"))
    assert f"Every year in numbers {listed} Greyshelf" in page.text
    if "before" in listed:
        assert "/search?year=-1919" in page.links()
        assert titles(search(client, year="-1919")) == ["Report of 987"]


def test_the_stamp_says_what_was_asked_when_and_how_many_were_found(client, settings):
    settings.TIME_ZONE = "Asia/Kathmandu"
    make_record(**SEED)
    before = timezone.localtime().replace(second=0, microsecond=0)
    response = client.get("/search", {"keyword": "peer mentoring (u.k.)"})
    after = timezone.localtime()
    page = Page(response)
    assert "Results for peer mentoring (u.k.)" in page.text
    assert "1 result found" in page.text
    shown = datetime.fromisoformat(re.search(r'<time datetime="([^"]+)"', response.content.decode())[1])
    assert before <= shown <= after
    assert shown.utcoffset() == before.utcoffset()
    date = f"{shown:%B} {shown.day}, {shown.year} {shown:%a}"
    time = f"{shown.hour % 12 or 12}:{shown:%M} {'am' if shown.hour < 12 else 'pm'}"
    assert f"Date {date} Time {time} +0545 " in page.text


def test_the_stamp_counts_in_words_that_fit(client):
    assert "0 results found" in search(client, q="peer").text
    make_records([make_draft("Peer one"), make_draft("Peer two")])
    assert "2 results found" in search(client, q="peer").text
    page = search(client, q="peer", title="two")
    assert "1 result found" in page.text
    assert "Results for peer; Title: two" in page.text
    assert "Results for every record" in search(client).text


def test_the_labels_of_a_record_stand_in_the_order_of_the_original(client):
    make_record(**SEED)
    response = client.get("/search", {"keyword": "peer mentoring (u.k.)"})
    labels = re.findall(r"<dt>([^<]+)</dt>", response.content.decode())
    expected = ["Author", "Summary", "Details", "Source", "Year", "Country", "URL", "Shelf Number", "Keywords"]
    assert labels == ["Date", "Time", *expected]
    page = Page(response)
    for value in ("Fletcher, Del Roy", "2012", "127419", SEED["details"], SEED["source"], SEED["url"]):
        assert value in page.text


def test_the_page_of_a_record_shows_all_of_it_to_the_last_word(client):
    summary = " ".join(f"word{number}" for number in range(500))
    record = make_record(**{**SEED, "summary": summary + "\n\nLast paragraph."})
    response = client.get(f"/records/{record.pk}")
    page = Page(response)
    assert summary in page.text
    assert "Last paragraph." in page.text
    assert "word499 Last" in search(client, q="offender").text
    assert ("link", {"rel": "canonical", "href": f"http://testserver/records/{record.pk}"}) in page.tags
    assert ("a", {"href": SEED["url"], "rel": "noopener"}) in page.tags


def test_the_address_to_cite_is_under_the_public_name(client, settings):
    settings.SITE_URL = "https://catalogue.example.org"
    record = make_record()
    page = Page(client.get(f"/records/{record.pk}"))
    assert f"https://catalogue.example.org/records/{record.pk}" in page.links()


def test_the_links_of_a_heading_find_the_record(client):
    make_record(**SEED)
    make_record("Another")
    followed = [link for link in search(client, q="offender").links() if link.startswith("/search?")]
    headings = [link for link in followed if urlsplit(link).query.split("=")[0] in ("author", "keyword", "country")]
    assert len(headings) == 5
    for link in headings:
        response = client.get(link)
        assert SEED["title"] in html.unescape(re.sub("</?mark>", "", response.content.decode())), link
        assert "1 result found" in Page(response).text


def test_a_variant_of_a_country_finds_its_records(client):
    make_record("One", country="United Kingdom")
    CountryVariant.objects.create(form="Great Britain", authority=Country.objects.get())
    assert titles(search(client, country="great britain")) == ["One"]


JUNK = [
    "()",
    '"',
    "AND",
    "OR NOT",
    "*",
    "?",
    "-",
    "\0",
    "x" * 10_000,
    "(" * 10_000,
    "a " * 5_000,
    "#99",
    "\x01\x1b[31m\x7f\u202e",
    "\ufffe\uffff",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><script>alert(1)</script>",
    "{{ 7*7 }}{% debug %}",
    "year:(2010 OR x)",
    "year:-99999999999",
    "language:(en OR -fi)",
    "kind:report*",
    'keyword=""',
    "author:" * 500,
    "9" * 400,
    "peer mentoring (u.k.)",
    "中文",
    "\u0301\u0345",
    "a:b:c=d",
    "%00%ff",
    "\\",
    "re[g(e.x+",
    "a.*b",
    "ab*{99999}?|",
]


def is_harmless(response) -> bool:
    """Tell whether a page has no element or attribute that only a reader's own words could have put there."""
    page = Page(response)
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    handlers = [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    return len(scripts) == 1 and "src" in scripts[0] and not images and not handlers


@pytest.mark.parametrize("name", BOXES)
def test_junk_in_any_box_is_answered_and_escaped(client, name):
    make_record(**SEED)
    for junk in JUNK:
        for address in ("/search", "/"):
            response = client.get(address, {name: junk})
            assert response.status_code == 200, (address, junk[:50])
            assert is_harmless(response), (address, junk[:50])
            assert "alert(1)>" not in response.content.decode()


@pytest.mark.parametrize(
    "parameters",
    [
        {"page": "-1"},
        {"page": "0"},
        {"page": "abc"},
        {"page": str(10**30)},
        {"page": "10000000", "per_page": "100"},
        {"page": "\0"},
        {"per_page": "7"},
        {"per_page": "0"},
        {"per_page": "-20"},
        {"per_page": "1000000"},
        {"sort": "x"},
        {"sort": "\0"},
        {"sort": "-id"},
        {"year": "abcd"},
        {"year": "9999999999"},
        {"year": "0-99999"},
        {"unknown": "<script>alert(1)</script>"},
        {"<script>": "x"},
        {"q": ["a", "b"]},
    ],
    ids=str,
)
def test_junk_in_any_other_parameter_is_answered(client, parameters):
    make_record(**SEED)
    for address in ("/search", "/"):
        response = client.get(address, parameters)
        assert response.status_code == 200
        assert is_harmless(response)
    if "q" not in parameters:
        assert "1 result found" in search(client, **parameters).text


def test_bytes_that_are_no_text_are_answered(client):
    make_record(**SEED)
    for address in (
        "/search?q=%ff%fe%00",
        "/search?%ff=%ff",
        "/search?q=%C3%28",
        "/?q=%00",
        "/search?&&==&",
        "/search?;",
    ):
        assert client.get(address).status_code == 200, address


def test_a_control_character_in_a_box_is_a_space(client):
    make_record(**SEED)
    make_record("Another")
    assert titles(search(client, title="offender\0peer\x1b")) == [SEED["title"]]
    assert titles(search(client, q="peer\0xyz")) == []


def test_a_length_of_page_that_is_not_offered_is_the_usual_one(client):
    make_records([make_draft(f"Report {number}") for number in range(25)])
    assert [len(titles(search(client, per_page=number))) for number in (7, 10, 10**9, "x")] == [20, 10, 20, 20]


def test_a_year_that_is_none_is_left_out_and_said(client):
    make_record(**SEED)
    page = search(client, year="abcd")
    assert "“abcd” is not a year or a range like 2010-2015; the box was left out." in page.text
    assert "1 result found" in page.text


def test_every_box_must_match(client):
    make_records(
        [
            make_draft("Peer support", authors=("Fletcher, Del Roy",), year=2012),
            make_draft("Peer support", authors=("Batty, Elaine",), year=2012),
            make_draft("Gangs", authors=("Fletcher, Del Roy",), year=2012),
            make_draft("Peer support", authors=("Fletcher, Del Roy",), year=2013),
        ]
    )
    assert len(titles(search(client, title="peer"))) == 3
    assert len(titles(search(client, title="peer", author="fletcher"))) == 2
    assert len(titles(search(client, title="peer", author="fletcher", year="2012"))) == 1
    assert titles(search(client, title="peer", author="fletcher", year="2012", q="gangs")) == []


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        ("2012", {"2012"}),
        ("2010-2015", {"2010", "2012", "2015"}),
        ("2015-2010", {"2010", "2012", "2015"}),
        ("-1999", {"1999", "1850"}),
        ("2015-", {"2015", "2020"}),
        ("2011", set()),
    ],
)
def test_a_year_is_one_or_a_range(client, year, expected):
    make_records([make_draft(str(year), year=year) for year in (1850, 1999, 2010, 2012, 2015, 2020)])
    make_record("no year")
    assert set(titles(search(client, year=year))) == expected
    assert set(titles(search(client, q=f"year:{year}"))) == expected


def test_pages_hold_every_record_once_and_one_beyond_the_last_shows_the_last(client):
    make_records([make_draft(f"Report {number:02}") for number in range(45)])
    pages = [titles(search(client, q="report", sort="title", page=page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert sum(pages, []) == [f"Report {number:02}" for number in range(45)]
    assert titles(search(client, q="report", sort="title", page=99)) == pages[2]
    assert "41 to 45 of 45" in search(client, q="report", sort="title", page=99).text
    assert len(titles(search(client, q="report", per_page=50))) == 45


def test_the_links_to_other_pages_keep_what_was_asked(client):
    make_records([make_draft(f"Report {number:02}", year=2012) for number in range(45)])
    page = search(client, q="report", year="2012", sort="title", page=2)
    numbered = [link for link in page.links() if "sort=title" in link and "page=3" in link and "per_page" not in link]
    assert numbered
    assert titles(Page(client.get(numbered[0]))) == [f"Report {number:02}" for number in range(40, 45)]
    assert titles(Page(client.get("/search?q=report&page=2&per_page=10&sort=title")))[0] == "Report 10"


@pytest.mark.parametrize("sort", [sort.value for sort in SORTS])
@pytest.mark.parametrize("per_page", PER_PAGE)
def test_every_order_and_length_of_page_is_answered(client, sort, per_page):
    make_records([make_draft("Report one", year=2012), make_draft("Report two")])
    assert set(titles(search(client, q="report", sort=sort, per_page=per_page))) == {"Report one", "Report two"}


def test_results_are_put_in_the_order_that_was_asked_for(client):
    make_records(
        [
            make_draft("The Bees", year=2012, authors=("Zoe",), shelf_number="2"),
            make_draft("Élan", year=1999, authors=("Adam",), shelf_number="3"),
            make_draft("An Ant", authors=("Mia",)),
        ]
    )
    assert titles(search(client, sort="newest")) == ["The Bees", "Élan", "An Ant"]
    assert titles(search(client, sort="oldest")) == ["Élan", "The Bees", "An Ant"]
    assert titles(search(client, sort="title")) == ["An Ant", "The Bees", "Élan"]
    assert titles(search(client, sort="author")) == ["Élan", "An Ant", "The Bees"]
    assert titles(search(client, sort="shelf_number")) == ["The Bees", "Élan", "An Ant"]


@pytest.mark.parametrize("address", ["/search?q=report", "/", "/search"])
def test_a_page_asks_the_database_as_often_for_twenty_records_as_for_one(client, address):
    def facts(number: int) -> dict:
        return {"authors": (f"Author {number}", "Both"), "keywords": (f"K{number}", "L"), "country": f"C{number}"}

    make_record("Report", year=2012, **facts(0))
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(address)
    make_records([make_draft(f"Report {number}", year=2012, **facts(number)) for number in range(1, 20)])
    client.get(address)
    with CaptureQueriesContext(connection) as twenty:
        client.get(address)
    assert len(one) == len(twenty)
    assert len(twenty) < 10


def test_a_page_of_results_asks_the_database_three_times_at_most(client):
    facts = {"authors": ("A", "B"), "keywords": ("K", "L"), "country": "C", "year": 2012}
    make_records([make_draft(f"Report {number}", **facts) for number in range(25)])
    for address in ("/search?q=report", "/search", "/search?q=report&in_keyword=K&page=2", "/search?keyword=k+l"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) <= 3, [query["sql"] for query in queries]


def test_the_page_of_a_record_asks_as_often_for_many_headings_as_for_one(client):
    small = make_record("Small", authors=("A",), keywords=("K",))
    large = make_record("Large", authors=tuple("ABCDEFGH"), keywords=tuple("KLMNOPQ"), country="Chile")
    search(client, q="small")  # the first search of all makes the index
    counts = []
    for record in (small, large):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/records/{record.pk}")
        counts.append(len(queries))
    assert counts[0] == counts[1] < 9


def test_drafts_and_withdrawn_records_are_not_found(client):
    make_records(
        [
            make_draft("Report out"),
            make_draft("Report draft", status="draft"),
            make_draft("Report gone", status="withdrawn"),
        ]
    )
    for parameters in ({"q": "report"}, {}, {"q": "NOT x"}, {"q": "-x OR report"}, {"sort": "title"}):
        assert titles(search(client, **parameters)) == ["Report out"]
    page = Page(client.get("/"))
    assert "1 record " in page.text
    assert "Report draft" not in page.text


@pytest.fixture
def behind(monkeypatch):
    """Return what keeps the index from following from then on, as after a very large change."""
    sentence = "Some new records are still being indexed; they will be found in a minute."
    return lambda: monkeypatch.setattr(index.Catalogue, "_keep_up", lambda self: sentence)


@pytest.mark.parametrize("status", ["draft", "review", "withdrawn"])
def test_what_is_no_longer_public_is_shown_nowhere_while_the_index_is_behind(client, behind, status):
    facts = {"authors": ("Batty, Elaine",), "keywords": ("Quokkas",)}
    first, secret, last = make_records([make_draft(f"{name} quokkas", **facts) for name in ("Old", "Secret", "New")])
    assert len(titles(search(client, q="quokkas"))) == 3
    behind()
    Record.objects.filter(pk=secret.pk).update(status=status)
    page = search(client, q="quokkas")
    assert sorted(titles(page)) == ["New quokkas", "Old quokkas"]
    assert "1 to 3 of 3" in page.text
    assert "1 record of this page is no longer public and is left out." in page.text
    addresses = [
        "/",
        "/search?q=secret",
        "/search?title=secret&sort=title",
        "/search/print?q=quokkas",
        "/search.atom?q=quokkas",
        "/search.csv?q=quokkas",
        f"/records/{first.pk}",
        f"/records/{last.pk}",
        "/complete/title?typed=secret",
    ]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        text = response.getvalue() if response.streaming else response.content
        assert b"Secret quokkas" not in text, address


def test_a_page_of_which_nothing_is_public_any_more_leads_to_the_others(client, behind):
    make_records([make_draft(f"Quokka {number}") for number in range(15)])
    shown = titles(search(client, q="quokka", per_page=10, sort="title"))
    behind()
    Record.objects.filter(title__in=shown).update(status="draft")
    page = search(client, q="quokka", per_page=10, sort="title")
    assert titles(page) == []
    assert "10 records of this page are no longer public and are left out." in page.text
    assert any("page=2" in link for link in page.links())
    assert len(titles(search(client, q="quokka", per_page=10, sort="title", page=2))) == 5


def test_a_draft_is_not_public(client):
    record = make_record("Secret plan", status="draft")
    response = client.get(f"/records/{record.pk}")
    assert response.status_code == 404
    assert "Secret" not in response.content.decode()


def test_a_withdrawn_record_answers_410_with_the_reason(client):
    record = make_record("Wrong report", status="withdrawn", withdrawn_reason="The author <asked> for it.")
    response = client.get(f"/records/{record.pk}")
    assert response.status_code == 410
    assert "The author <asked> for it." in Page(response).text
    assert "Wrong report" not in response.content.decode()


@pytest.mark.parametrize(("status", "answer"), [("published", 410), ("review", 404), ("draft", 404)])
def test_a_record_that_was_made_by_mistake_is_gone_only_for_those_who_could_have_seen_it(client, status, answer):
    change_set = changes.open_change_set("import")
    (number,) = changes.apply(change_set, [changes.Wish(make_draft("Mistake", status=status))]).numbers
    changes.undo(change_set)
    assert client.get(f"/records/{number}").status_code == answer


def test_a_record_that_was_replaced_redirects_for_good_to_its_successor(client):
    successor = make_record("Better")
    record = make_record("Worse", status="withdrawn", replaced_by=successor.pk)
    response = client.get(f"/records/{record.pk}")
    assert (response.status_code, response["Location"]) == (301, f"/records/{successor.pk}")


def test_a_withdrawn_record_with_a_reason_names_its_successor(client):
    successor = make_record("Better <report>")
    record = make_record("Worse", status="withdrawn", replaced_by=successor.pk, withdrawn_reason="Out of date")
    response = client.get(f"/records/{record.pk}")
    page = Page(response)
    assert response.status_code == 410
    assert f"/records/{successor.pk}" in page.links()
    assert "Out of date In its place: Better <report>" in page.text


def test_a_record_that_comes_back_is_public_again(client):
    record = make_record("Report")
    withdrawn = changes.open_change_set(codes.EDIT)
    changes.apply(withdrawn, [Wish(make_draft("Report", status="withdrawn"), record.pk)])
    assert client.get(f"/records/{record.pk}").status_code == 410
    changes.undo(withdrawn)
    assert client.get(f"/records/{record.pk}").status_code == 200
    assert titles(search(client, q="report")) == ["Report"]


@pytest.mark.parametrize(
    "address", ["/records/1", f"/records/{10**30}", f"/records/{2**63}", "/records/x", "/none", "/records/-1"]
)
def test_what_is_not_there_answers_404_with_a_page(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "The catalogue has no page at this address." in Page(response).text


def test_pages_can_only_be_read(client):
    record = make_record()
    for address in ("/", "/search?q=report", f"/records/{record.pk}", "/robots.txt"):
        head, body = client.head(address), client.get(address)
        assert (head.status_code, head.content) == (200, b"")
        assert body.status_code == 200
        for method in (client.post, client.put, client.delete, client.patch):
            assert method(address).status_code == 405


def test_every_page_forbids_scripts_and_styles_of_others(client):
    gone = make_record("Gone", status="withdrawn")
    for address in ("/", "/search?q=x", f"/records/{make_record().pk}", f"/records/{gone.pk}", "/none", "/robots.txt"):
        response = client.get(address)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        tags = Page(response).tags
        assert not [tag for tag, attributes in tags if tag == "style" or "style" in attributes]
        assert not response.cookies, "nobody is told apart without need"
        assert response["X-Content-Type-Options"] == "nosniff"


MARKUP = '<script>alert("peer")</script> & <b onclick="x">peer</b>'


def test_markup_in_a_record_is_shown_as_it_was_written(client):
    record = make_record(
        MARKUP,
        authors=(MARKUP,),
        summary=MARKUP + "\n\n" + MARKUP,
        details=MARKUP,
        source=MARKUP,
        country=MARKUP,
        keywords=(MARKUP,),
        shelf_number="<i>peer</i>",
        url="http://example.org/?a=<script>alert('peer')</script>&b=\"onclick=x",
        year=2012,
    )
    addresses = ["/", "/search", f"/records/{record.pk}", "/search?q=peer", "/search?q=script", "/search?q=alert*"]
    addresses += [f"/search?{urlencode({'keyword': MARKUP})}", "/search?q=onclick+b+x&title=peer"]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        assert is_harmless(response), address
        assert MARKUP in re.sub(r"\s+", " ", "".join(Page(response).pieces)), address
        tags = {tag for tag, _ in Page(response).tags}
        assert not tags & {"b", "i"}
    assert "<mark>peer</mark>" in client.get("/search?q=peer").content.decode()
    assert "&lt;<mark>script</mark>&gt;" in client.get("/search?q=script").content.decode()


def test_the_words_that_were_looked_for_are_marked_and_no_others(client):
    make_record("Peer mentoring in U.K. prisons", summary="Prison, Péers and co-operation; peering")
    page = client.get("/search?q=peer+prison+uk").content.decode()
    assert "<mark>Peer</mark> mentoring in <mark>U.K</mark>" in page
    assert "<mark>prisons</mark>" in page
    assert "<mark>Prison</mark>, <mark>Péers</mark> and co-operation" in page
    page = client.get("/search?q=prison+-xyz+NOT+abc+OR+mentoring").content.decode()
    assert "<mark>mentoring</mark>" in page
    page = client.get("/search?title=peer").content.decode()
    assert "<mark>Péers</mark>" not in page


SEARCH_WITHOUT_A_DATABASE = """
from django.test import Client
for address in ("/", "/search?q=peer", "/records/1"):
    response = Client(raise_request_exception=False).get(address, headers={"host": "localhost"})
    text = response.content.decode()
    print(response.status_code, "database does not answer" in text, "Traceback" in text, response.get("Retry-After"),
          "Content-Security-Policy" in response.headers, "hunter2" in text)
"""


def test_without_a_database_pages_answer_503_and_give_nothing_away():
    with socket.socket() as holder:  # bound, never listening: nobody else can take the port
        holder.bind(("127.0.0.1", 0))
        url = f"postgres://user:hunter2@127.0.0.1:{holder.getsockname()[1]}/name?connect_timeout=1"
        preamble = "from django.conf import settings; settings.DATABASES['default']['OPTIONS']['pool']['timeout'] = 1\n"
        storage = "settings.STORAGES['staticfiles']['BACKEND'] = "
        storage += "'django.contrib.staticfiles.storage.StaticFilesStorage'\n"
        output = run_python(preamble + storage + SEARCH_WITHOUT_A_DATABASE, DATABASE_URL=url)
    answers = [line for line in output.splitlines() if re.match(r"\d{3} ", line)]
    assert answers == ["503 True False 60 True False"] * 3, output


def test_a_withdrawn_record_leads_neither_to_a_draft_nor_round_in_a_circle(client):
    draft = make_record("Not yet", status="draft")
    one = make_record("One", status="withdrawn", replaced_by=draft.pk)
    assert client.get(f"/records/{one.pk}").status_code == 410
    other = make_record("Other", status="withdrawn", replaced_by=one.pk)
    type(one).objects.filter(pk=one.pk).update(replaced_by=other)
    assert client.get(f"/records/{one.pk}").status_code == 410


@pytest.mark.parametrize(
    "address", ["/", "/search?q=peer", "/search/facet/author?q=peer", "/browse/authors", "/browse/years"]
)
def test_a_search_that_the_engine_cannot_carry_out_breaks_no_page(client, monkeypatch, address):
    make_record(**SEED)
    assert client.get(address).status_code == 200

    def fails(*arguments):
        raise base.IndexUnusable("damaged")

    monkeypatch.setattr(keeping.ENGINE, "search", fails)
    assert client.get(address).status_code == 200


def test_phrases_that_take_too_long_are_searched_as_words_and_the_page_says_so(client, monkeypatch):
    make_record("Support of <peers>")
    monkeypatch.setattr(matching, "MOST_PLACED", 0)
    page = Page(client.get("/search", {"q": '"<peers> support"'}))
    assert "1 result found" in page.text
    assert "“peers support” was searched as words side by side" in page.text
