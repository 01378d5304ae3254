"""The lists from A to Z, the neighbours on the shelf, and the help page."""

from urllib.parse import unquote_plus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.expressions import Filing
from catalogue.folding import filing_key
from catalogue.models import Author, Country, CountryVariant, Keyword, KeywordVariant
from search import browse
from tests.records import make_draft, make_record, make_records
from tests.test_pages import Page, is_harmless, search, titles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_letters_known():
    browse._known_letters.cache_clear()


def test_every_list_is_linked_from_every_page(client):
    assert "/browse" in Page(client.get("/search")).links()
    page = Page(client.get("/browse"))
    assert {f"/browse/{slug}" for slug in browse.SHELVES} <= set(page.links())


def test_keywords_stand_in_order_with_their_counts_and_other_forms(client):
    theft = Keyword.objects.create(heading="Theft")
    KeywordVariant.objects.create(authority=theft, form="Stealing")
    make_records(
        [
            make_draft("One", keywords=("Theft", "Élan")),
            make_draft("Two", keywords=("Theft", "Zoos")),
            make_draft("Draft", keywords=("Aces", "Theft"), status="draft"),
        ]
    )
    page = Page(client.get("/browse/keywords"))
    assert "Élan 1 Stealing see Theft 2 Theft 2 Zoos 1" in page.text
    assert "Aces" not in page.text
    assert "/search?in_keyword=Theft" in page.links()


def _all_authors(client):
    """Return the authors of all pages of their list, in order."""
    seen, address = [], "/browse/authors"
    while address:
        page = Page(client.get(address))
        links = [link for link in page.links() if link.startswith("/search?in_author=")]
        seen += [unquote_plus(link.partition("=")[2]) for link in links]
        [address] = [link for link in page.links() if "after=" in link] or [""]
    return seen


def test_a_long_list_goes_on_after_its_last_entry(client, monkeypatch):
    monkeypatch.setattr(browse, "ON_A_PAGE", 3)
    make_records([make_draft(f"R{n}", authors=(f"Author {n}",)) for n in range(8)])
    assert _all_authors(client) == [f"Author {n}" for n in range(8)]


def test_letters_lead_to_their_place_and_other_scripts_stand_together(client):
    names = ("Ärla", "Bo", "42nd Street", "Иван", "Яна", "李明", "¿Qué")
    make_records([make_draft(name, authors=(name,)) for name in names])
    page = Page(client.get("/browse/authors"))
    for label in ("A", "B", "0–9", "Cyrillic", "Chinese and Japanese", "#"):
        assert f" {label} " in page.text
    [link] = [link for link in page.links() if link.endswith("at=b")]
    page = Page(client.get(link))
    assert "/search?in_author=Bo" in page.links()
    assert "42nd Street" not in page.text


def test_a_letter_with_a_stroke_stands_with_the_plain_one(client, monkeypatch):
    names = ["Dach", "Đa", "Lubik", "Łukasz", "Lund", "Oe", "Öhman", "Øian", "Orsted", "Ørsted", "Þór", "Zoo"]
    make_records([make_draft(name, authors=(name,)) for name in names])
    page = Page(client.get("/browse/authors"))
    letters = [piece for piece in page.pieces if len(piece) == 1 and piece.isalpha()]
    assert letters == ["D", "L", "O", "T", "Z"]
    for size in (100, 1, 2, 3):
        monkeypatch.setattr(browse, "ON_A_PAGE", size)
        assert _all_authors(client) == ["Đa", *names[:1], *names[2:]], size


def test_results_by_title_are_in_the_same_order(client):
    names = ["Lubik", "Łukasz", "Lund", "Øian", "Orsted"]
    make_records([make_draft(name) for name in reversed(names)])
    assert titles(search(client, sort="title")) == names


@pytest.mark.parametrize("text", ["Đ ŁØ", "Œuvre", "straße", "Þor ÐŊ", "ıŦĦ", "ẞ", "Ǿ"])
def test_the_database_files_as_python_does(text):
    author = Author.objects.create(heading=text)
    assert Author.objects.annotate(key=Filing("fold")).get(pk=author.pk).key == filing_key(text)


def test_letters_are_those_of_headings_that_the_public_can_see(client):
    make_records(
        [
            make_draft("One", authors=("Bo",), keywords=("Bees",), country="Bali"),
            make_draft("Draft", authors=("Xu",), keywords=("Xylem",), country="Xanadu", status="draft"),
        ]
    )
    for slug in ("authors", "keywords", "countries"):
        letters = Page(client.get(f"/browse/{slug}")).text.split("Letters")[-1].split()
        assert "B" in letters
        assert "X" not in letters


def test_years_have_their_counts_the_newest_first(client):
    make_records([make_draft("A", year=1999), make_draft("B", year=2012), make_draft("C", year=2012), make_draft("D")])
    assert "2012 2 1999 1" in Page(client.get("/browse/years")).text


def test_shelf_numbers_stand_as_on_the_shelf(client, monkeypatch):
    monkeypatch.setattr(browse, "ON_A_PAGE", 2)
    records = make_records([make_draft(f"T{n}", shelf_number=place) for n, place in enumerate(("B 2", "A 1", "B 2"))])
    make_record("Hidden", shelf_number="A 2", status="draft")
    page = Page(client.get("/browse/shelf-numbers"))
    assert "A 1 T1 B 2 T0" in page.text
    [following] = [link for link in page.links() if "after=" in link]
    page = Page(client.get(following))
    assert [link for link in page.links() if link.startswith("/records/")] == [f"/records/{records[2].pk}"]
    assert "Hidden" not in page.text


def test_a_record_shows_its_neighbours_on_the_shelf(client):
    records = make_records([make_draft(f"T{n}", shelf_number=f"A {n}") for n in range(3)])
    make_record("Hidden", shelf_number="A 11", status="draft")
    page = Page(client.get(f"/records/{records[1].pk}"))
    assert "before T0 A 0 after T2 A 2" in page.text
    assert "On the shelf" not in Page(client.get(f"/records/{make_record('None').pk}")).text


@pytest.mark.parametrize("slug", browse.SHELVES)
@pytest.mark.parametrize("junk", ["<script>", "\x00", "é" * 3000, "\x1f99999999999999999999", "%", "'", "zzzz"])
def test_junk_is_answered(client, slug, junk):
    make_record("<script>", keywords=("<script>",), authors=("<script>",), shelf_number="<script>", year=2000)
    for name in ("after", "at"):
        response = client.get(f"/browse/{slug}", {name: junk})
        assert response.status_code == 200
        assert is_harmless(response)
    assert client.get(f"/browse/{slug}x").status_code == 404


@pytest.mark.parametrize("slug", browse.SHELVES)
def test_a_list_asks_the_database_as_often_for_many_as_for_one(client, slug, monkeypatch):
    monkeypatch.setattr(browse, "monotonic", lambda: 0.0)  # what is kept for some seconds is not asked again meanwhile
    counts = []
    for number in (1, 30):
        drafts = [
            make_draft("T", keywords=(f"K{n}",), authors=(f"A{n}",), shelf_number=f"S{n}", country=f"C{n}")
            for n in range(number)
        ]
        make_records(drafts)
        client.get(f"/browse/{slug}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/browse/{slug}")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_the_help_page_explains_every_field_and_construct(client):
    page = Page(client.get("/help"))
    for words in (
        "Shelf Number",
        "identifier:10.3886/ICPSR08921.v1",
        '"peer prison"~5',
        "What goes first",
        "Narrowing",
    ):
        assert words in page.text
    assert "/search?q=prison+OR+jail" in page.links()
    assert client.post("/help").status_code == 405


def test_headings_that_no_published_record_has_take_no_place_on_a_page(client, monkeypatch):
    monkeypatch.setattr(browse, "ON_A_PAGE", 2)
    Country.objects.bulk_create(Country(heading=f"Aland {n}") for n in range(20))
    made = Country.objects.create(heading="Finland")
    CountryVariant.objects.create(authority=made, form="Aaland")
    CountryVariant.objects.create(authority=Country.objects.get(heading="Aland 3"), form="Aa")
    make_records([make_draft("One", country="Finland"), make_draft("Two", country="Peru", status="draft")])
    page = Page(client.get("/browse/countries"))
    assert "/search?in_country=Finland" in " ".join(page.links())
    assert "Aaland" in page.text
    assert "Aland 0" not in page.text
    assert "Next" not in page.text
