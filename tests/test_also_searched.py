"""What is searched besides what was typed: headings that a form leads to, narrower ones, and how they are taken off."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue import codes, sample
from catalogue.models import Country, CountryVariant, Keyword, KeywordVariant, Record
from tests.records import make_draft, make_record, make_records
from tests.test_pages import Page, search, titles

pytestmark = pytest.mark.django_db(transaction=True)


def keyword(heading: str, *variants: str, broader: tuple[str, ...] = ()) -> Keyword:
    made, _ = Keyword.objects.get_or_create(heading=heading)
    KeywordVariant.objects.bulk_create(KeywordVariant(authority=made, form=form) for form in variants)
    made.broader.set(Keyword.objects.filter(heading__in=broader))
    return made


@pytest.fixture
def justice():
    keyword("Crime")
    keyword("Theft", "Stealing", broader=("Crime",))
    keyword("Car Theft", broader=("Theft",))
    make_records(
        [
            make_draft("On crime", keywords=("Crime",)),
            make_draft("On theft", keywords=("Theft",)),
            make_draft("On cars", keywords=("Car Theft",)),
            make_draft("On bees", keywords=("Bees",)),
        ]
    )


def also(page: Page) -> str:
    return page.text.partition("Also searched:")[2].partition("Refine this search")[0]


def test_a_keyword_finds_what_has_a_narrower_heading(client, justice):
    page = search(client, keyword="crime")
    assert set(titles(page)) == {"On crime", "On theft", "On cars"}
    assert "Theft without Theft × Car Theft without Car Theft ×" in also(page)
    assert 'keyword="Car Theft"' in page.text


@pytest.mark.parametrize("text", ['keyword="crime"', "keyword:crime", "keyword:(bees OR crime)"])
def test_the_language_finds_narrower_headings_as_the_box_does(client, justice, text):
    found = {"On crime", "On theft", "On cars"} | ({"On bees"} if "bees" in text else set())
    assert set(titles(search(client, q=text))) == found


def test_part_of_a_box_that_names_a_heading_is_searched_as_words(client, justice):
    page = search(client, keyword="crime bees")
    assert "Also searched" not in page.text
    assert "Also searched" not in search(client, q="NOT keyword=crime").text


def test_a_heading_is_taken_off_and_put_back(client, justice):
    page = search(client, keyword="crime")
    [off] = [link for link in page.links() if link.endswith("not_also=Car+Theft")]
    page = Page(client.get(off))
    assert set(titles(page)) == {"On crime", "On theft"}
    assert "Not searched: Car Theft" in page.text
    assert "/search?keyword=crime" in page.links()
    page = search(client, keyword="crime", also="0")
    assert titles(page) == ["On crime"]
    assert "search all of them" in page.text


def test_words_in_any_field_that_are_another_form_find_the_heading(client, justice):
    make_record("Stealing beauty")
    page = search(client, q="stealing")
    assert set(titles(page)) == {"On theft", "Stealing beauty"}
    assert "Theft" in also(page)


def test_a_greater_place_finds_its_countries_and_another_name_of_it_too(client):
    europe = Country.objects.create(heading="Europe")
    CountryVariant.objects.create(authority=europe, form="Old World")
    Country.objects.create(heading="France", part_of=europe)
    make_records([make_draft("Paris", country="France"), make_draft("Brussels", country="Europe"), make_draft("Rome")])
    for name in ("europe", "OLD WORLD"):
        assert set(titles(search(client, country=name))) == {"Paris", "Brussels"}, name


def test_narrower_headings_that_no_record_has_are_left_out_until_one_has(client, justice):
    keyword("Arson", broader=("Crime",))
    page = search(client, keyword="crime")
    assert "Theft without Theft ×" in also(page)
    assert "Arson" not in page.text
    fire = make_record("On fire", keywords=("Arson",))
    page = search(client, keyword="crime")
    assert "Arson without Arson ×" in also(page)
    assert "On fire" in titles(page)
    Record.objects.filter(pk=fire.pk).update(status=codes.WITHDRAWN)  # as SQL by hand does, indexed by the next search
    assert "Arson" not in search(client, keyword="crime").text
    Record.objects.filter(pk=fire.pk).update(status=codes.PUBLISHED)
    assert "On fire" in titles(search(client, keyword="crime"))


def test_the_desk_searches_narrower_headings_that_only_drafts_have(justice, admin_client):
    keyword("Arson", broader=("Crime",))
    make_record("On fire", keywords=("Arson",), status=codes.DRAFT)
    assert "On fire" in Page(admin_client.get("/desk/batch/?keyword=crime&status=draft")).text
    assert "Arson" not in search(admin_client, keyword="crime").text


def test_of_many_headings_the_first_are_seen_and_the_others_unfold(client):
    keyword("Crime")
    names = [f"Crime {letter}" for letter in "ABCDEFGHIJ"]
    for name in names:
        keyword(name, broader=("Crime",))
    make_records([make_draft(name, keywords=(name,)) for name in names])
    shown, _more, folded = also(search(client, keyword="crime")).partition("2 more")
    assert all(name in shown for name in names[:8])
    assert "Crime I" not in shown
    assert "Crime J without Crime J × only what was typed" in folded
    assert "2 more" in search(client, keyword="crime", also="0").text


def test_a_long_line_on_how_it_was_searched_is_folded(client, justice):
    assert "how it was searched" not in search(client, keyword="crime").text
    assert "how it was searched Searched as:" in search(client, q="(" + "crime OR peer) (" * 20 + "x)").text


def test_narrower_headings_that_go_round_in_a_circle_are_searched_once(client):
    keyword("A")
    keyword("B", broader=("A",))
    # The database refuses circles; an older one may have kept some.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalogue_keyword_broader DISABLE TRIGGER circle_insert")
        keyword("A", broader=("B",))
        cursor.execute("ALTER TABLE catalogue_keyword_broader ENABLE TRIGGER circle_insert")
    make_records([make_draft("One", keywords=("A",)), make_draft("Two", keywords=("B",))])
    page = search(client, keyword="a")
    assert set(titles(page)) == {"One", "Two"}
    assert also(page).startswith(" B without B ×")


def test_a_new_form_leads_to_its_heading_in_the_next_search(client, justice):
    assert titles(search(client, keyword="larceny")) == []
    make_record("Larceny today")
    KeywordVariant.objects.create(authority=Keyword.objects.get(heading="Theft"), form="Larceny")
    page = search(client, keyword="larceny")
    assert set(titles(page)) == {"On theft", "On cars"}
    KeywordVariant.objects.filter(form="Larceny").delete()
    assert "Also searched" not in search(client, keyword="larceny").text


def test_a_results_page_asks_the_database_three_times(client, justice):
    for address in ("/search?keyword=crime", "/search?q=stealing", "/search?q=on"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) <= 3, address


@pytest.mark.parametrize("junk", ["", "0", "x" * 5000, "<script>", '"', "\x00", "()"])
def test_junk_in_what_is_taken_off_is_answered(client, justice, junk):
    for name in ("also", "not_also"):
        response = client.get("/search", {"keyword": "crime", name: [junk, junk]})
        assert response.status_code == 200
        assert "<script>" not in response.content.decode().replace("<script src=", "")


def test_the_sample_still_has_one_record_about_peer_mentoring_in_the_uk(client, monkeypatch):
    monkeypatch.setattr(sample, "FILES", (("seed.jsonl", "jsonl"),))
    sample.load(lambda line: None)
    page = search(client, keyword="peer mentoring (u.k.)")
    assert "1 result found" in page.text
    assert titles(page)[0] == "Offender Peer Interventions: What Do We Know?"
    assert "Also searched" not in page.text
    assert "Peer Mentoring (U.K.)" in also(search(client, keyword="peer mentorship"))


def test_what_the_search_asks_for_itself_is_not_said_to_be_left_out(client, justice):
    page = search(client, q='keyword="crime" OR keyword="theft"', also="0")
    assert set(titles(page)) == {"On crime", "On theft"}
    left_out = page.text.partition("Not searched:")[2].partition("Refine this search")[0]
    assert "Car Theft" in left_out
    assert "Theft" not in left_out.replace("Car Theft", "")


def test_a_heading_that_is_asked_for_elsewhere_is_searched_too(client, justice):
    assert titles(search(client, keyword="crime", q='keyword="Car Theft"')) == ["On cars"]
    assert titles(search(client, q='keyword:crime keyword="Car Theft"')) == ["On cars"]
