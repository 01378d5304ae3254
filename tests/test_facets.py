"""The facets of a page of results: what they offer, what the form sends along, what the page says of a choice."""

import pytest

from tests.records import make_draft, make_record, make_records
from tests.test_pages import Page, search, titles

pytestmark = pytest.mark.django_db(transaction=True)


def test_records_without_a_year_can_be_chosen(client):
    make_records([make_draft("Report of old", year=1990), make_draft("Report undated")])
    page = search(client, q="report")
    assert {"type": "checkbox", "name": "missing", "value": "year"} in [attributes for _tag, attributes in page.tags]
    assert titles(search(client, q="report", missing="year")) == ["Report undated"]
    assert titles(search(client, q="report", has="year")) == ["Report of old"]


@pytest.mark.parametrize("number", [8, 9])
def test_a_facet_leads_to_more_values_only_where_there_are_more(client, number):
    make_records([make_draft("Report", authors=(f"Author {place}",)) for place in range(number)])
    make_records([make_draft("Report")] * 5)
    page = search(client, q="report")
    assert "Author 7" in page.text
    assert any(link.startswith("/search/facet/author") for link in page.links()) == (number > 8)


def test_that_a_value_is_given_is_said_so(client):
    make_record("Report", language="fi")
    page = search(client, q="report", has="language")
    assert "Language given" in page.text
    assert "not without" not in page.text


def test_choosing_more_keeps_that_the_year_is_missing(client):
    make_record("Report undated", country="Finland")
    page = search(client, q="report", missing="year")
    chosen = [attributes for tag, attributes in page.tags if tag == "input" and "checked" in attributes]
    assert [(one["name"], one["value"]) for one in chosen] == [("missing", "year")]


@pytest.mark.parametrize(
    ("parameters", "asked"),
    [
        ({"in_country": "Nowhere"}, "Country: Nowhere"),
        ({"in_country": ["Chile", "Peru"], "missing": "country"}, "Country: Chile or Peru or none given"),
        ({"year_from": "2010", "year_to": "2012", "not_keyword": "Gangs"}, "Year: 2010-2012; Keyword: not Gangs"),
        ({"in_country": "Chile", "q": "gangs"}, "gangs"),
    ],
)
def test_what_was_chosen_is_the_heading_of_a_page_where_nothing_was_typed(client, parameters, asked):
    assert f"Results for {asked} 0 results found" in search(client, **parameters).text
    assert f"<title>{asked} · Greyshelf</title>" in client.get("/search.atom", parameters).content.decode()


@pytest.mark.parametrize("address", ["/", "/browse/keywords"])
def test_a_list_of_headings_counts_what_its_links_find(client, address):
    make_records([make_draft(f"Report {n}", keywords=("Arrests", "O’Brien's law")[: 1 + n % 2]) for n in range(4)])
    make_record("Another", keywords=("Arrest",))
    links = [link for link in Page(client.get(address)).links() if "in_keyword=" in link]
    found = {link: client.get(link).context["stamp"].count for link in links}
    assert sorted(found.values()) == [1, 2, 4]
    text = Page(client.get(address)).text
    assert "Arrests 4" in text
    assert "Arrest 1" in text
    assert "O’Brien's law 2" in text


@pytest.mark.parametrize("value", ["abc", "20155", "-", "<b>"])
def test_what_is_no_year_is_left_out_and_said(client, value):
    make_record("Report", year=2012)
    page = search(client, q="report", year_from=value, year_to="2013")
    assert f"“{value}” is not a year; it was left out." in page.text
    assert titles(page) == ["Report"]
