"""Languages and kinds by their names, and a DOI that is known as an address alone."""

import pytest

from tests.records import make_record

pytestmark = pytest.mark.django_db(transaction=True)


def count(client, typed: str) -> int:
    return client.get("/search", {"q": typed}).context["stamp"].count


@pytest.mark.parametrize(
    "typed",
    [
        "language:fi",
        "language:Finnish",
        "language:suomi",
        "language:FIN",
        'language="Finnish"',
        "language:(finnish OR xx)",
    ]
    + ['kind:"working paper"', "kind:(Working paper)", "kind:working-paper", 'kind="Working paper"', "-kind:report"]
    + [
        "language:(NOT Swedish) language:finnish",
        "-language:ruotsi",
        "language:finnish kind:(report OR (working paper))",
    ],
)
def test_a_language_and_a_kind_are_found_by_their_names(client, typed):
    make_record("One", language="fi", kind="working-paper")
    make_record("Other", language="sv", kind="report")
    page = client.get("/search", {"q": typed})
    assert [card.title for card in page.context["cards"]] == ["One"]


@pytest.mark.parametrize("typed", ["language:finnish,swedish", "kind:report,article"])
def test_several_names_are_any_of_them(client, typed):
    make_record("One", language="fi", kind="report")
    make_record("Other", language="sv", kind="article")
    make_record("Third", language="de", kind="book")
    assert count(client, typed) == 2


@pytest.mark.parametrize(
    ("typed", "kind"),
    [('kind:"Audio, video or image"', "media"), ("kind:podcast,map", "media"), ('kind:"PhD thesis"', "thesis")]
    + [("kind:dissertation", "thesis"), ("kind:journalArticle", "article"), ('kind:"policy brief"', "policy")],
)
def test_a_kind_has_the_names_that_files_and_the_form_have_for_it(client, typed, kind):
    make_record("One", kind=kind)
    make_record("Other", kind="report")
    assert count(client, typed) == 1


def test_a_name_of_nothing_finds_nothing(client):
    make_record("One", language="fi", kind="report")
    assert count(client, "language:gibberish") == count(client, 'kind:"love letter"') == 0


@pytest.mark.parametrize("url", ["https://doi.org/10.3886/ICPSR08921.v1", "http://dx.doi.org/10.3886/icpsr08921.v1"])
def test_a_doi_in_the_address_is_an_identifier(client, url):
    make_record("Prison crowding", url=url)
    make_record("Other", url="https://doi.org/about")
    assert count(client, "identifier:10.3886/ICPSR08921.v1") == count(client, "identifier:icpsr08921") == 1
    assert count(client, "identifier:doi") == 0
