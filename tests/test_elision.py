"""Words that are cut short before the next ("l'école", "O'Brien"): both are found, by themselves and in one piece."""

import pytest

from tests.records import make_record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "typed",
    [
        "azur",
        "d'azur",
        "d’Azur",
        "dazur",
        "azur archive",
        '"côte d\'azur"',
        "ecole",
        "l'école",
        "école",
        '"l\'école"',
        "école*",
    ]
    + [
        "obrien",
        "o'brien",
        "O’Brien",
        "o brien",
        "author:brien",
        "author:o'brien",
        'author="O\'Brien, Flann"',
        "o'br*",
    ],
)
def test_a_record_is_found_however_it_is_typed(client, typed):
    make_record("Archive de la Côte d'Azur", authors=("O’Brien, Flann",), summary="La vie à l'école", language="fr")
    assert client.get("/search", {"q": typed}).context["stamp"].count == 1


def test_the_word_is_marked_with_what_stands_before_it(client):
    make_record("Archive de la Côte d'Azur")
    assert "<mark>d&#x27;Azur</mark>" in client.get("/search?q=azur").content.decode()
