"""The facets of a page of results: what they offer, what the form sends along, what the page says of a choice."""

import pytest

from tests.records import make_draft, make_record, make_records
from tests.test_pages import search, titles

pytestmark = pytest.mark.django_db(transaction=True)


def test_records_without_a_year_can_be_chosen(client):
    make_records([make_draft("Report of old", year=1990), make_draft("Report undated")])
    page = search(client, q="report")
    assert {"type": "checkbox", "name": "missing", "value": "year"} in [attributes for _tag, attributes in page.tags]
    assert titles(search(client, q="report", missing="year")) == ["Report undated"]
    assert titles(search(client, q="report", has="year")) == ["Report of old"]


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
