"""Names of people that stand straight in a file, turned round where somebody says so."""

import io

import pytest

from catalogue.formats import ReadOptions, get_format
from catalogue.formats.base import STRAIGHT
from catalogue.formats.straight_names import read_authors


def headings(text: str, separator: str = ";", names: str = STRAIGHT) -> list[str]:
    return [name.heading for name in read_authors(text, separator, names)]


@pytest.mark.parametrize(
    ("straight", "inverted"),
    [
        ("Suzanne Collins", ["Collins, Suzanne"]),
        ("Ludwig van Beethoven", ["van Beethoven, Ludwig"]),
        ("Martin Luther King, Jr.", ["King, Martin Luther, Jr."]),
        ("Martin Luther King Jr.", ["King, Martin Luther, Jr."]),
        ("J.K. Rowling, Mary GrandPré", ["Rowling, J.K.", "GrandPré, Mary"]),
        ("Homer, Robert Fagles and Bernard Knox", ["Homer", "Fagles, Robert", "Knox, Bernard"]),
        ("Ann Smith; Bo Jones", ["Smith, Ann", "Jones, Bo"]),
        ("Collins, Suzanne", ["Collins, Suzanne"]),
        ("Plato", ["Plato"]),
        ("Council [person]", ["Council"]),
        ("", []),
    ],
)
def test_people_are_turned_round(straight, inverted):
    assert headings(straight) == inverted
    assert {name.kind for name in read_authors(straight, ";", STRAIGHT)} <= {"person"}


@pytest.mark.parametrize(
    "body",
    ["Department for Work and Pensions", "Urban Institute", "World Bank", "RAND", "Save the Children", "G 4"],
)
def test_bodies_are_left_as_they_are(body):
    [name] = read_authors(body, ";", STRAIGHT)
    assert (name.heading, name.kind) == (body, "body")


def test_a_separator_divides_where_it_is_a_comma():
    assert headings("Suzanne Collins, Ann Lee", ",") == ["Collins, Suzanne", "Lee, Ann"]


def test_an_orcid_stays_with_its_name():
    [name] = read_authors("Josiah Carberry (0000-0002-1825-0097)", ";", STRAIGHT)
    assert (name.heading, name.orcid) == ("Carberry, Josiah", "0000-0002-1825-0097")


def test_nothing_is_turned_round_unless_somebody_says_so():
    assert headings("Suzanne Collins", names="") == ["Suzanne Collins"]


DC = '<dc xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>One</d:title><d:creator>Suzanne Collins</d:creator></dc>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("csv", "title,author\nOne,Suzanne Collins\n"),
        ("labelled", "Author: Suzanne Collins\nTitle: One\n"),
        ("oai_dc", DC),
    ],
)
def test_each_format_with_plain_names_does_so(name, content):
    [row] = get_format(name).read(io.BytesIO(content.encode()), ReadOptions(names=STRAIGHT))
    assert row.draft.authors[0].heading == "Collins, Suzanne"
