"""The counts of facets are the same, and exact, whether what matches is counted or what does not."""

import random

import pytest

from search import query
from search.engine import counting
from search.engine.base import Filter, Request
from search.engine.counting import Counted, difference
from search.fields import FIELDS
from tests.documents import make_document, make_index

SIZES = {"keyword": 3, "country": 2, "year": 100, "kind": 5, "link": 2}
EVERY = dict.fromkeys(SIZES, 1_000)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    order = random.Random(3)
    documents = []
    for number in range(1, 301):
        keywords = sorted({int(order.paretovariate(0.8)) % 40 for _ in range(order.randint(0, 4))} - {0})
        country = order.choice([0, 1, 1, 2, 3])
        documents.append(
            make_document(
                number,
                "prison" if order.random() < 0.8 else "court",
                "gang" if order.random() < 0.1 else "",
                year=order.choice([None, 1999, 2005, 2012]),
                status="draft" if number % 29 == 0 else "published",
                headings={"country": [f"Country {country}"] if country else []},
                numbers={"keyword": keywords, "country": [country] if country else []},
                codes={"kind": order.choice(["report", "thesis", ""])},
            )
        )
    return make_index(tmp_path_factory.mktemp("counting") / "index", documents)


def facets(index, monkeypatch, few, typed, filters, sizes):
    monkeypatch.setattr(counting, "FEW", few)
    index.reload()
    tree = query.parse(typed, fields=frozenset(FIELDS)).tree
    return index.search(Request(tree, filters, facets=sizes)).facets


@pytest.mark.parametrize("filters", [(), (Filter("country", include=("Country 1",)), Filter("year", missing=True))])
@pytest.mark.parametrize("typed", ["", "prison", "NOT gang", "prison NOT gang", "prison OR court", "court"])
def test_what_does_not_match_taken_from_all_gives_the_counts_of_what_matches(index, monkeypatch, typed, filters):
    counted = facets(index, monkeypatch, 10**9, typed, filters, EVERY)
    taken = facets(index, monkeypatch, 0, typed, filters, SIZES)
    for name, values in taken.items():
        assert list(values.values()) == sorted(counted[name].values(), reverse=True)[: SIZES[name]]
        assert values.items() <= counted[name].items()


def test_searches_in_other_states_have_totals_of_their_own(index, monkeypatch):
    monkeypatch.setattr(counting, "FEW", 0)
    index.reload()
    counts = [
        sum(index.search(Request(statuses=frozenset(statuses), facets={"link": 2})).facets["link"].values())
        for statuses in (["published"], ["published", "draft"], ["draft"])
    ]
    assert counts == [290, 300, 10]


def test_no_more_counts_are_remembered_than_memory_is_meant_for(index, monkeypatch):
    monkeypatch.setattr(counting, "MOST_KNOWN_VALUES", 60)
    index.reload()
    known = index._state.counts._known
    for word in ("prison", "court", "gang", "prison NOT gang", "court NOT gang"):
        request = Request(query.parse(word).tree, facets={"keyword": 1_000})
        first = index.search(request).facets
        assert len(first["keyword"]) > 5
        assert index.search(request).facets == first
        assert 0 < sum(len(values) for facets in known.values() for values in facets.values()) <= 60
    known.clear()
    monkeypatch.setattr(counting, "MOST_KNOWN_VALUES", 5)
    assert index.search(Request(facets={"keyword": 1_000})).facets["keyword"]
    assert not known


def test_a_value_that_may_be_better_than_is_known_leaves_the_counts_in_doubt():
    totals = Counted({1: 90, 2: 80, 3: 10}, unlisted=10)
    assert difference(totals, Counted({1: 85, 2: 1}, unlisted=1), 1) == {2: 79}
    assert difference(totals, Counted({1: 85}, unlisted=1), 1) is None
    assert difference(totals, Counted({1: 85, 2: 80}, unlisted=0), 1) == {3: 10}
    assert difference(totals, Counted({1: 85, 2: 80, 3: 8}, unlisted=0), 1) is None
    assert difference(totals, Counted({1: 90, 2: 80, 3: 10}, unlisted=0), 1) is None
    assert difference(Counted({1: 90, 2: 80}, unlisted=0), Counted({1: 90}, unlisted=0), 5) == {2: 80}
