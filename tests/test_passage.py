"""The passage of a summary that a card shows: the best one, whole words, marked and escaped."""

import re

import pytest

from search import passage, query
from search.highlighting import Marker, words_of
from tests.records import make_record
from tests.test_pages import Page


def best(text: str, asked: str) -> str:
    found = passage.best(text, Marker(words_of(query.parse(asked).tree)).hits(text, "summary"))
    return text[found.first : found.last]


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


@pytest.mark.django_db(transaction=True)
def test_a_card_shows_the_best_passage_and_the_whole_summary_behind_more(client):
    first = "Opening <b>words</b> & more. "
    make_record("Report", summary=first + filler(150) + " a peer of <i>prison</i> here " + filler(150) + " last")
    body = client.get("/search?q=peer+prison").content.decode()
    shown = re.search(r'<div class="passage">(.*?)</div>', body)[1]
    assert shown.startswith("… filler")
    assert shown.endswith(" …")
    assert "<mark>peer</mark> of &lt;i&gt;<mark>prison</mark>&lt;/i&gt;" in shown
    whole = re.search(r'<details class="more whole">.*?<div>(.*?)</div>', body)[1]
    assert whole.startswith("Opening &lt;b&gt;words&lt;/b&gt; &amp; more. filler0")
    assert whole.endswith("last")


@pytest.mark.django_db(transaction=True)
def test_a_card_without_a_marked_word_in_its_summary_shows_its_beginning_and_the_rest(client):
    make_record("Report", summary=filler(200))
    page = Page(client.get("/search?q=report"))
    assert "filler59 … more … filler60" in page.text
    assert page.text.count("filler199") == 1
