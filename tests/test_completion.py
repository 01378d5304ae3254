"""Completion while somebody types: headings, other forms of them, titles; as JSON and as a page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Author, AuthorVariant, Country, CountryVariant
from search.completion import COMPLETED
from tests.records import make_draft, make_record, make_records
from tests.test_pages import Page, is_harmless

pytestmark = pytest.mark.django_db(transaction=True)


def complete(client, field: str, typed: str) -> list[dict]:
    response = client.get(f"/complete/{field}", {"typed": typed}, headers={"accept": "application/json"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    return response.json()["completions"]


def texts(client, field: str, typed: str) -> list[str]:
    return [entry["text"] for entry in complete(client, field, typed)]


def test_headings_go_on_from_any_of_their_words_most_used_first(client):
    make_records(
        [
            make_draft("One", keywords=("Mentoring", "Peer Mentoring (U.K.)")),
            make_draft("Two", keywords=("Peer Mentoring (U.K.)",)),
            make_draft("Three", keywords=("Prisons",)),
        ]
    )
    assert texts(client, "keyword", "mént") == ["Peer Mentoring (U.K.)", "Mentoring"]
    assert complete(client, "keyword", "peer m")[0] == {
        "text": "Peer Mentoring (U.K.)",
        "count": 2,
        "hint": "",
        "url": "/search?keyword=Peer+Mentoring+%28U.K.%29",
    }


def test_another_form_leads_to_its_heading_and_says_so(client):
    kingdom = Country.objects.create(heading="United Kingdom")
    CountryVariant.objects.bulk_create(
        CountryVariant(authority=kingdom, form=form) for form in ("Great Britain", "Great Britain and Ireland")
    )
    make_record("Report", country="United Kingdom")
    [entry] = complete(client, "country", "Great Brit")
    assert (entry["text"], entry["hint"]) == ("United Kingdom", "Great Britain → United Kingdom")
    author = Author.objects.create(heading="Orwell, George")
    AuthorVariant.objects.create(authority=author, form="Blair, Eric")
    make_record("1984", authors=("Orwell, George",))
    assert texts(client, "author", "blair") == ["Orwell, George"]


def test_titles_that_begin_so_come_before_titles_that_hold_the_words(client):
    make_records([make_draft("The report on peers"), make_draft("Peers in prison"), make_draft("Peer work")])
    assert texts(client, "title", "peers in pri") == ["Peers in prison"]
    assert texts(client, "title", "peer")[-1] == "The report on peers"
    assert complete(client, "title", "peer w")[0]["count"] is None


def test_what_only_drafts_have_is_not_offered(client):
    make_record("Secret plan", status="draft", keywords=("Secrecy",), authors=("Secretary",), country="Secretia")
    for field in COMPLETED:
        assert texts(client, field, "sec") == []


def test_headings_of_drafts_leave_room_for_those_that_the_public_can_see(client):
    for number in range(2):
        make_record(f"Draft {number}", status="draft", authors=tuple(f"Smith, A{n}" for n in range(12)))
    make_record("Report", authors=("Smithson, Zoe", "Zedekiah, B."))
    for author in Author.objects.filter(heading__startswith="Smith, "):
        AuthorVariant.objects.create(authority=author, form=f"Zed {author.heading}")
    AuthorVariant.objects.create(authority=Author.objects.get(heading="Smithson, Zoe"), form="Zedz")
    assert texts(client, "author", "smith") == ["Smithson, Zoe"]
    assert set(texts(client, "author", "zed")) == {"Smithson, Zoe", "Zedekiah, B."}


def test_at_most_ten_are_offered_with_a_bounded_number_of_queries(client):
    make_records([make_draft(f"Peer {n}", keywords=(f"Peer {n}",), authors=(f"Peer {n}",)) for n in range(30)])
    for field in ("keyword", "author", "title"):
        complete(client, field, "pe")
        with CaptureQueriesContext(connection) as queries:
            assert len(complete(client, field, "peer")) == 10
        assert len(queries) <= 2


def test_one_letter_asks_nothing(client):
    make_record("Peer")
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        assert texts(client, "title", " p ") == []
    assert len(queries) == 0


def test_the_same_address_is_a_page_of_links_for_those_without_javascript(client):
    make_record("Report", keywords=("Peer Support",))
    response = client.get("/complete/keyword?typed=supp")
    page = Page(response)
    assert "/search?keyword=Peer+Support" in page.links()
    assert "/browse/keywords" in page.links()
    assert page.inputs() == {"typed": "supp"}
    assert "Peer Support 1" in page.text
    assert set(response["Cache-Control"].split(", ")) == {"max-age=60", "public"}
    assert "Accept" in response["Vary"]


def test_robots_are_kept_out_of_completions(client):
    assert "Disallow: /complete/" in client.get("/robots.txt").content.decode()


@pytest.mark.parametrize("typed", ["", "%", "_%", "\x00ab", "<script>alert(1)</script>", "()*?", "é" * 5000, '"', "\\"])
@pytest.mark.parametrize("field", COMPLETED)
def test_junk_is_answered(client, field, typed):
    make_record("<script>alert(1)</script>", keywords=("<script>alert(1)</script>",))
    complete(client, field, typed)
    response = client.get(f"/complete/{field}", {"typed": typed})
    assert response.status_code == 200
    assert is_harmless(response)


@pytest.mark.parametrize("field", ["summary", "year", "none", "q"])
def test_other_fields_are_not_completed(client, field):
    assert client.get(f"/complete/{field}?typed=peer").status_code == 404
    assert client.post("/complete/keyword").status_code == 405


def test_the_form_says_where_its_boxes_are_completed_and_listed(client):
    page = Page(client.get("/"))
    asked = {a["name"]: a["data-complete"] for tag, a in page.tags if tag == "input" and "data-complete" in a}
    assert asked == {name: f"/complete/{name}" for name in COMPLETED}
    assert {"/browse/authors", "/browse/keywords", "/browse/countries"} <= set(page.links())
