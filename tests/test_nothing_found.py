"""Nothing found, or little: why, what was perhaps meant, and what finds something."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Keyword, KeywordVariant
from search import nothing
from tests.records import make_draft, make_record, make_records
from tests.test_pages import search, titles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    monkeypatch.setattr(nothing, "MOST_SECONDS", 60)


@pytest.fixture
def library():
    reports = [make_draft(f"Mentoring report {number}", year=2012, country="Chile") for number in range(6)]
    make_records([*reports, make_draft("Prison peer work", year=1999, country="Peru", authors=("Fletcher, Del Roy",))])


def test_a_misspelled_word_is_offered_as_the_catalogue_spells_it(client, library):
    page = search(client, q="mentorimg", country="chile")
    assert "0 results found" in page.text
    assert "Did you mean mentoring; Country: chile" in page.text
    assert "/search?q=mentoring&country=chile" in page.links()


def test_a_correction_keeps_what_else_was_chosen(client, library):
    page = search(client, q="Mentorimg", in_country="Chile", sort="title", page="3")
    assert "/search?in_country=Chile&sort=title&q=Mentoring" in page.links()


def test_a_rare_word_beside_a_frequent_one_is_asked_about(client):
    make_records([make_draft(f"Prison {number}") for number in range(60)])
    make_record("Prism prizon")
    page = search(client, q="prizon")
    assert titles(page) == ["Prism prizon"]
    assert "Did you mean prison 60 ?" in page.text


def test_words_that_the_catalogue_knows_are_never_corrected(client, library):
    make_records([make_draft(f"Mentorings {number}") for number in range(2)])
    for words in ("peer mentoring", "fletcher", "mentoring -report", "peru", "zzzz", "12345"):
        assert "Did you mean" not in search(client, q=words, title="work").text, words


def test_where_a_corrected_search_finds_nothing_its_words_are_asked_about(client, library):
    page = search(client, q="mentorimg zebra", in_country="Chile")
    assert "Did you mean" not in page.text
    assert "mentorimg : did you mean mentoring 6 ?" in page.text
    assert "/search?q=mentoring" in page.links()
    assert "did you mean" not in search(client, q="fletcher zebra").text


def test_a_correction_is_written_as_it_is_understood(client, library):
    page = search(client, q="()mentorimg")
    assert "Did you mean mentoring " in page.text
    assert "/search?q=mentoring" in page.links()


def test_words_that_very_many_records_have_are_no_looser_search(client):
    make_records([make_draft(f"Report of {'bees' if number % 2 else 'crime'} {number}") for number in range(80)])
    page = search(client, q="victms of crmie")
    assert "With less asked" not in page.text
    page = search(client, q="victms of bees")
    assert "With less asked of bees 40" in page.text
    assert "victms OR of" not in page.text
    assert "report bees 40" in search(client, q="report victms bees").text


def test_each_box_and_each_word_is_counted_by_itself(client, library):
    page = search(client, q="mentoring fletcher", year="2012")
    assert "Each word by itself mentoring fletcher 0 Year: 2012 6 mentoring 6 fletcher 1" in page.text
    page = search(client, q="mentoring fletcher", in_country="Chile")
    assert "mentoring 6 fletcher 0" in page.text


def test_what_is_asked_is_loosened_in_the_order_of_the_least_loss(client, library):
    page = search(client, q='"report mentoring"', in_country="Chile")
    assert "With less asked report mentoring 6" in page.text
    page = search(client, q="mentoring", in_country="Peru", missing="keyword")
    assert "With less asked without the choice of Country 6" in page.text
    page = search(client, title="mentoring", year="2008")
    assert "With less asked Title: mentoring; Year: 2003-2013 6 mentoring" in page.text
    page = search(client, q="mentoring xyzzy")
    assert "With less asked mentoring 6" in page.text
    page = search(client, q="mentoring fletcher")
    assert "mentoring OR fletcher 7" in page.text


def test_headings_near_the_words_are_offered_by_any_form(client, library):
    theft = Keyword.objects.create(heading="Theft")
    KeywordVariant.objects.create(authority=theft, form="Stealing of Cars")
    Keyword.objects.create(heading="Cars, unused")
    make_record("On theft", keywords=("Theft",))
    page = search(client, q="xyzzy cars")
    assert "Headings of this catalogue Theft 1" in page.text
    assert "/search?in_keyword=Theft" in page.links()
    assert "unused" not in page.text


def test_drafts_help_nobody(client):
    make_record("Secretive plan", status="draft", keywords=("Secret heading",))
    text = search(client, q="secretivo plan secret").text
    assert "heading" not in text.lower().replace("headings", "")
    assert "Secretive" not in text


@pytest.mark.parametrize(
    "words",
    ["(", '"', "()" * 50, "a " * 300, "<script>", "x:y:z", "-", "NOT x", "mentorimg" * 40, '"a b"~3 OR (c -d)', "#1"],
)
@pytest.mark.parametrize("box", ["q", "title", "year"])
def test_junk_that_finds_nothing_is_answered(client, library, box, words):
    response = client.get("/search", {box: words, "author": "nobody", "year_from": "x", "has": words})
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()


def test_counting_ends_when_it_has_taken_long(client, library, monkeypatch):
    counts = []
    count = nothing.Counts.__call__
    monkeypatch.setattr(nothing.Counts, "__call__", lambda self, data: counts.append(1) or count(self, data))
    search(client, q=" ".join(f"word{number}" for number in range(40)), title="a b c d", summary="e f g h")
    assert 0 < len(counts) <= nothing.MOST_COUNTS + 1
    monkeypatch.setattr(nothing, "MOST_SECONDS", 0)
    assert "Each word by itself" not in search(client, q="word other").text


def test_a_page_that_found_nothing_asks_the_database_no_more_often(client, library):
    client.get("/search?q=xyzzy")
    with CaptureQueriesContext(connection) as queries:
        client.get("/search?q=xyzzy+mentorimg&keyword=cars")
    assert len(queries) <= 3
