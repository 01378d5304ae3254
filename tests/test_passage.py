"""The passage of a summary that a card shows: the best one, whole words, marked and escaped."""

import re

import pytest

from search import passage, query
from search.highlighting import Marker, words_of
from tests.records import make_draft, make_record, make_records
from tests.test_pages import Page


def best(text: str, asked: str) -> str:
    found = passage.best(text, Marker(words_of(query.parse(asked).tree)).marked(text, "summary").hits)
    return text[found.first : found.last]


def marked(text: str, asked: str) -> str:
    return Marker(words_of(query.parse(asked).tree)).mark(text, "title")


def filler(number: int) -> str:
    return " ".join(f"filler{place}" for place in range(number))


def test_the_passage_holds_the_most_different_words():
    text = f"{filler(100)} peer peer peer {filler(100)} about a peer in prison there {filler(100)}"
    shown = best(text, "peer prison")
    assert "peer in prison" in shown
    assert len(shown.split()) == passage.LONGEST


def test_without_a_word_in_it_the_beginning_is_shown():
    text = filler(200)
    assert best(text, "peer") == " ".join(text.split()[:60])


def test_a_short_text_is_shown_whole():
    assert best("A peer in prison", "peer") == "A peer in prison"


def test_a_passage_begins_and_ends_with_a_sentence_that_is_near():
    text = f"{filler(100)} end. Peer work helps {filler(50)} stop. And {filler(100)} peers"
    shown = best(text, "peer helps")
    assert shown.startswith("Peer work")
    assert shown.endswith("stop.")


def test_no_word_that_was_looked_for_is_cut_away_for_a_sentence():
    text = f"{filler(100)} peer. X {filler(55)} prison. Y {filler(100)}"
    shown = best(text, "peer prison")
    assert {"peer.", "prison."} <= set(shown.split())


SUMMARY = re.compile(
    r'<div class="passage">(?:<span class="before">(.*?)</span><span class="gap">… </span>)?(.*?)</div>'
    r'<details class="more"><summary>more</summary>(.*?)</details>'
)


@pytest.mark.django_db(transaction=True)
def test_a_card_shows_the_best_passage_and_the_whole_summary_once_it_is_unfolded(client):
    first = "Opening <b>words</b> & more. "
    make_record("Report", summary=first + filler(150) + " a peer of <i>prison</i> here " + filler(150) + " last")
    before, shown, after = SUMMARY.search(client.get("/search?q=peer+prison").content.decode()).groups()
    assert before.startswith("Opening &lt;b&gt;words&lt;/b&gt; &amp; more. filler0")
    assert shown.startswith("filler")
    assert shown.endswith(" …")
    assert "<mark>peer</mark> of &lt;i&gt;<mark>prison</mark>&lt;/i&gt;" in shown
    assert after.startswith("<div>… filler")
    assert after.endswith("last</div>")
    numbers = re.findall(r"filler(\d+)", before + shown + after)
    assert numbers == [str(number) for number in [*range(150), *range(150)]], "every word once, in its order"


@pytest.mark.django_db(transaction=True)
def test_words_are_marked_in_what_is_folded_too(client):
    make_record("Report", summary=f"peer {filler(150)} peer in prison {filler(150)} peer")
    before, shown, after = SUMMARY.search(client.get("/search?q=peer+prison").content.decode()).groups()
    assert before.startswith("<mark>peer</mark> filler0")
    assert "<mark>peer</mark> in <mark>prison</mark>" in shown
    assert after.endswith("filler149 <mark>peer</mark></div>")


@pytest.mark.django_db(transaction=True)
def test_of_very_long_summaries_a_bounded_part_is_folded_and_the_records_have_the_rest(client):
    summary = f"{filler(3000)} peer in prison {filler(3000)}"
    records = make_records([make_draft(f"Report {number}", summary=summary) for number in range(20)])
    response = client.get("/search?q=peer+prison").content.decode()
    assert len(response) < 60_000
    parts = SUMMARY.findall(response)
    assert len(parts) == 20
    for before, shown, after in parts:
        assert "<mark>peer</mark> in <mark>prison</mark>" in shown
        assert re.match(r"… filler\d+ ", before)
        assert re.search(r" filler\d+ …</div><p><a href=\"/records/\d+\">the whole summary</a></p>$", after)
    page = Page(client.get(f"/records/{records[0].pk}"))
    assert [page.text.count(f"filler{number} ") for number in (1500, 2999)] == [2, 2]


@pytest.mark.django_db(transaction=True)
def test_a_single_long_summary_unfolds_as_a_whole(client):
    make_record("Report", summary=f"{filler(1000)} peer in prison {filler(1500)}")
    response = client.get("/search?q=peer+prison")
    assert "the whole summary" not in response.content.decode()
    numbers = re.findall(r"filler(\d+)", Page(response).text)
    assert numbers == [str(number) for number in [*range(1000), *range(1500)]]


@pytest.mark.django_db(transaction=True)
def test_a_card_without_a_marked_word_in_its_summary_shows_its_beginning_and_the_rest(client):
    make_record("Report", summary=filler(200))
    page = Page(client.get("/search?q=report"))
    assert "filler59 … more … filler60" in page.text
    assert page.text.count("filler199") == 1


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        (
            "Peers; PEER-LED; speer",
            "peer",
            "<mark>Peers</mark>; <mark>PEER-LED</mark>; speer",
        ),
        (
            "non-peer co-operation",
            "peer cooperation",
            "<mark>non-peer</mark> <mark>co-operation</mark>",
        ),
        ("naïve Éclair <éclair>", "naive eclair", "<mark>naïve</mark> <mark>Éclair</mark> &lt;<mark>éclair</mark>&gt;"),
        ("the U.K. & uk", "uk", "the <mark>U.K</mark>. &amp; <mark>uk</mark>"),
        ("Тюрьма тюрьмы", "тюрьма", "<mark>Тюрьма</mark> тюрьмы"),
        ("ab中文cd 中", "中文", "<mark>ab中文cd</mark> 中"),
        ("prison-peer\npeer", "peer", "<mark>prison-peer</mark>\n<mark>peer</mark>"),
        ("_peer_ a_peer", "peer", "_<mark>peer</mark>_ a_<mark>peer</mark>"),
    ],
)
def test_a_word_is_marked_as_a_whole_wherever_what_was_looked_for_stands_in_it(text, asked, expected):
    assert marked(text, asked) == expected
