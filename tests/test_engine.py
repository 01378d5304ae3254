"""The engine: what matches obeys the laws of sets and a plain reference, and the best comes first."""

import os
import random
import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import query, text
from search.engine import hits, matching, terms, weights
from search.engine.base import Filter, Request, Sort
from search.engine.stemming import stems
from search.fields import FIELDS
from search.query import And, In, Node, Not, Or, Phrase, Range, Truncated, Word
from tests.documents import make_document, make_index

WORDS = ("prison", "prisons", "peer", "peers", "support", "gang", "the", "who", "co-operation", "cooperation", "uk")
RECORDS = 80
# Many more examples than in the suite: LAW_EXAMPLES=10000 make test ARGS=tests/test_engine.py
EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "60"))


def made_records() -> list[tuple[str, str, int | None]]:
    """Return title, summary and year of some records of a small vocabulary."""
    order = random.Random(5)
    return [
        (
            " ".join(order.choices(WORDS, k=3)),
            " ".join(order.choices(WORDS, k=order.randint(0, 9))),
            order.choice([None, 1999, 2005, 2012]),
        )
        for _ in range(RECORDS)
    ]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    documents = [
        make_document(number, title, summary, year=year)
        for number, (title, summary, year) in enumerate(made_records(), start=1)
    ]
    return make_index(tmp_path_factory.mktemp("laws") / "index", documents)


def matches(index, tree: Node) -> set[int]:
    answer = index.search(Request(tree, limit=RECORDS))
    assert len(answer.hits) == answer.count
    return set(answer.numbers)


leaves = st.one_of(
    st.sampled_from([Word(word) for word in (*WORDS, "nowhere", "peer-support")]),
    st.lists(st.sampled_from(("prison", "peer", "support", "the", "who")), min_size=1, max_size=3).map(
        lambda words: Phrase(tuple(words))
    ),
    st.sampled_from([Truncated("pri*"), Truncated("pe?r"), Truncated("su*t"), Range(2000, None), Range(None, 2005)]),
    st.sampled_from([In("title", Word("prison")), In("summary", Word("peer")), In("title", Phrase(("the", "who")))]),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: query.all_of(nodes)),
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: query.any_of(nodes)),
    ),
    max_leaves=6,
)


@settings(max_examples=EXAMPLES)
@given(trees, trees)
def test_counts_obey_the_laws_of_sets(index, one, other):
    everything = set(range(1, RECORDS + 1))
    a, b = matches(index, one), matches(index, other)
    assert matches(index, Or((one, other))) == a | b
    assert matches(index, And((one, other))) == a & b
    assert matches(index, Not(one)) == everything - a
    assert matches(index, And((one, Not(other)))) == a - b
    assert index.count(Request(Or((one, other)))) == len(a) + len(b) - len(a & b)


@cache
def searched(number: int, field: str) -> list[list[str]]:
    title, summary, _ = made_records()[number - 1]
    values = {"title": [title], "summary": [summary], "": [title, summary]}[field]
    return [text.tokens(value) for value in values], [text.joined_hyphenations(value) for value in values]


def reference(tree: Node, number: int, field: str = "") -> bool:
    """Tell whether a record matches, by reading it."""
    match tree:
        case And(nodes):
            return all(reference(node, number, field) for node in nodes)
        case Or(nodes):
            return any(reference(node, number, field) for node in nodes)
        case Not(node):
            return not reference(node, number, field)
        case In(name, node):
            return reference(node, number, name)
        case Range(low, high):
            year = made_records()[number - 1][2]
            return year is not None and (low or 0) <= year <= (high or 9999)
        case _:
            return stands(tree, number, field)


def stands(tree: Node, number: int, field: str) -> bool:
    """Tell whether a word, phrase or truncated word stands in a field of a record."""
    values, joined = searched(number, field)
    match tree:
        case Phrase(words, 0):
            return any(tokens[i : i + len(words)] == list(words) for tokens in values for i in range(len(tokens))) or (
                len(words) == 1 and any(words[0] in tokens for tokens in joined)
            )
        case Truncated(pattern):
            wanted = re.compile(pattern.replace("*", ".*").replace("?", "."))
            return any(wanted.fullmatch(token) for tokens in (*values, *joined) for token in tokens)
        case Word(typed):
            words = text.tokens(typed)
            if len(words) > 1:
                whole = text.joined_hyphenations(typed)[0]
                return reference(Phrase(tuple(words)), number, field) or reference(Word(whole), number, field)
            present = {stem for tokens in (*values, *joined) for stem in stems(tokens, "en")}
            return stems(words, "en")[0] in present
    raise AssertionError(tree)


@settings(max_examples=EXAMPLES)
@given(trees)
def test_what_matches_is_what_a_reader_of_all_records_would_find(index, tree):
    expected = {number for number in range(1, RECORDS + 1) if reference(tree, number)}
    assert matches(index, tree) == expected


def ranked(tmp_path, typed: str, *records: tuple[str, str], **facts) -> list[int]:
    documents = [make_document(number, *record, **facts) for number, record in enumerate(records, start=1)]
    index = make_index(tmp_path / "index", documents)
    return index.search(Request(query.parse(typed, fields=frozenset(FIELDS)).tree)).numbers


def test_an_exact_title_comes_before_everything_then_one_that_begins_so(tmp_path):
    found = ranked(
        tmp_path,
        "what works",
        ("On what works in prisons", "what works what works what works"),
        ("What works in prisons", "a study"),
        ("What works", ""),
    )
    assert found == [3, 2, 1]


@pytest.mark.parametrize("title", ["There There", "Don't Be Evil", "The Who", "We", "It", "If", "To Be or Not to Be?"])
def test_titles_of_common_words_are_found_first(tmp_path, title):
    others = [
        (f"Report {number} there we be it if to the who not", "there be evil if it is not to be") for number in range(9)
    ]
    typed = title.replace("or", "“or”") if " or " in title else title
    assert ranked(tmp_path, typed, *others, (title, "a novel"))[0] == 10


def test_title_and_author_typed_together_find_the_book(tmp_path):
    index = make_index(
        tmp_path / "index",
        [
            make_document(1, "Peer interventions and Fletcher's law", "what do we know of peer interventions"),
            make_document(2, texts={"title": ["Offender peer interventions"], "author": ["Fletcher, Del Roy"]}),
        ],
    )
    assert index.search(Request(query.parse("peer interventions del roy fletcher").tree)).numbers == [2]


def test_words_near_each_other_come_before_words_apart(tmp_path):
    far = "peer " + "filler words that say nothing of note " * 3 + "mentoring"
    near = "peer mentoring " + "filler words that say nothing of note " * 3
    assert ranked(tmp_path, "peer mentoring", ("One", far), ("Two", near), *[("Other", "nothing")] * 9)[0] == 2


def test_of_equals_the_newer_comes_first(tmp_path):
    documents = [make_document(number, "Prison report", year=year) for number, year in enumerate((1999, 2015, 2007))]
    index = make_index(tmp_path / "index", documents)
    assert index.search(Request(Word("prison"))).numbers == [1, 2, 0]


def test_the_accented_form_comes_first_and_the_plain_one_is_found(tmp_path):
    assert ranked(tmp_path, "Král", ("Kral report", ""), ("Král report", "")) == [2, 1]
    assert set(ranked(tmp_path / "plain", "kral", ("Kral report", ""), ("Král report", ""))) == {1, 2}


@pytest.mark.parametrize(
    ("language", "stands", "typed"),
    [
        ("fi", "raporteissa", "raportit"),
        ("sv", "fängelser", "fängelse"),
        ("de", "Gefängnissen", "Gefängnis"),
        ("fr", "prisonnières", "prisonnière"),
        ("es", "prisiones", "prisión"),
        ("en", "prisoners", "prisoner"),
        ("ru", "тюрьмы", "тюрьма"),
    ],
)
def test_words_are_stemmed_in_the_language_of_the_record(tmp_path, language, stands, typed):
    document = make_document(1, stands, language=language, codes={"language": language})
    index = make_index(tmp_path / "index", [document])
    assert index.search(Request(query.parse(typed).tree)).count == 1


@pytest.mark.parametrize(
    ("stands", "typed"),
    [
        ("日本の刑務所", "刑務所"),
        ("การศึกษาในเรือนจำ", "เรือนจำ"),
        ("監獄", "監"),
        ("السُّجون", "السجون"),
        ("Φυλακές", "φυλακεσ"),
        ("Straße", "strasse"),
        ("Ærø", "aero"),
        ("co‐operation", "cooperation"),
        ("cooperation", "co-operation"),
        ("U.K. prisons", "uk"),
        ("UK prisons", "u.k."),
        ("O’Brien", "o'brien"),
        ("ﬁnance", "finance"),
    ],
)
def test_forms_of_one_word_find_each_other(tmp_path, stands, typed):
    assert ranked(tmp_path, typed, (stands, "")) == [1]


def test_words_within_a_distance_match_either_way_round(tmp_path):
    records = [("", "peer a b prison"), ("", "prison peer"), ("", "peer a b c d e f g prison")]
    assert set(ranked(tmp_path, '"peer prison"~5', *records)) == {1, 2}


def test_a_truncation_that_opens_too_many_words_is_bounded_and_told(tmp_path):
    records = [
        ("", " ".join(f"wa{number:04}" for number in range(first, first + 400))) for first in range(0, 1600, 400)
    ]
    documents = [make_document(number, *record) for number, record in enumerate(records)]
    index = make_index(tmp_path / "index", documents)
    answer = index.search(Request(query.parse("wa*").tree))
    assert answer.truncations == {"wa*": (1600, 500)}


def facet_index(tmp_path):
    """Three countries: 1 has four records, 2 has two, none has one."""
    countries = [1, 1, 1, 1, 2, 2, None]
    names = {1: "Chile", 2: "Peru"}
    documents = [
        make_document(
            number,
            "prison",
            year=2000 + number,
            headings={"country": [names[country]] if country else []},
            numbers={"country": [country] if country else []},
            codes={"kind": "report" if number % 2 else ""},
        )
        for number, country in enumerate(countries)
    ]
    return make_index(tmp_path / "index", documents)


def test_the_counts_of_a_facet_leave_out_its_own_choice_but_not_the_others(tmp_path):
    index = facet_index(tmp_path)
    filters = (Filter("country", include=("chile",)),)
    answer = index.search(Request(Word("prison"), filters, facets={"country": 10, "kind": 10, "year": 100}))
    assert answer.count == 4
    assert answer.facets["country"] == {1: 4, 2: 2, 0: 1}
    assert answer.facets["kind"] == {"report": 2, "": 2}
    assert sum(answer.facets["year"].values()) == 4


def test_values_of_a_facet_are_or_can_be_excluded_and_missing_is_a_value(tmp_path):
    index = facet_index(tmp_path)
    assert index.count(Request(filters=(Filter("country", include=("Chile", "PERU")),))) == 6
    assert index.count(Request(filters=(Filter("country", exclude=("Chile",)),))) == 3
    assert index.count(Request(filters=(Filter("country", missing=True),))) == 1
    assert index.count(Request(filters=(Filter("country", include=("Peru",), missing=True),))) == 3
    assert index.count(Request(filters=(Filter("country", without=True),))) == 6
    assert index.count(Request(filters=(Filter("year", include=("2001-2003",)),))) == 3


def test_every_page_of_every_order_is_reached_and_no_record_comes_twice(tmp_path):
    index = facet_index(tmp_path)
    for sort in Sort:
        pages = [index.search(Request(Word("prison"), sort=sort, offset=start, limit=3)) for start in (0, 3, 6)]
        found = [number for page in pages for number in page.numbers]
        assert sorted(found) == list(range(7))
        assert [page.count for page in pages] == [7, 7, 7]
        assert index.numbers(Request(Word("prison"), sort=sort)) == found


def test_a_page_far_behind_the_last_is_empty_and_costs_nothing(tmp_path):
    assert facet_index(tmp_path).search(Request(Word("prison"), offset=10**12)).hits == ()


def test_the_closest_keep_to_codes_and_years_and_to_what_was_excluded(tmp_path):
    documents = [
        make_document(1, "Peer support", codes={"kind": "working-paper"}, year=2012),
        make_document(2, "Peer support", codes={"kind": "report"}, year=2012),
        make_document(3, "Peer support", codes={"kind": "working-paper"}, year=1999),
        make_document(4, "Peer gangs", codes={"kind": "working-paper"}, year=2012),
    ]
    index = make_index(tmp_path / "index", documents)
    typed = "peer prison kind:working-paper year:2010- NOT gangs"
    tree = query.parse(typed, fields=frozenset(FIELDS)).tree
    assert index.search(Request(tree)).count == 0
    assert index.search(Request(tree, loose=True)).numbers == [1]


def test_phrases_that_would_take_too_long_together_are_searched_as_words_and_named(tmp_path, monkeypatch):
    documents = [
        make_document(1, "peer support in prison work"),
        make_document(2, "support peer work in prison"),
        make_document(3, "prison"),
    ]
    index = make_index(tmp_path / "index", documents)
    tree = query.parse('"peer support" "prison work"', fields=frozenset(FIELDS)).tree
    whole = index.search(Request(tree))
    assert (whole.numbers, whole.loosened) == ([1], ())
    monkeypatch.setattr(matching, "MOST_PLACED", 6)  # two words in at most two records are four places
    tree = query.parse('"prison work" "peer support"', fields=frozenset(FIELDS)).tree
    loosened = index.search(Request(tree))
    assert (loosened.numbers, loosened.loosened) == ([1], ("peer support",))
    tree = query.parse('"peer support" "prison work"', fields=frozenset(FIELDS)).tree
    assert index.search(Request(tree)).loosened == ("prison work",)
    tree = query.parse('"in prison" "peer support"', fields=frozenset(FIELDS)).tree
    assert sorted(index.search(Request(tree)).numbers) == [1, 2]


def test_of_a_loose_search_too_dear_as_a_whole_the_words_that_tell_most_are_looked_for(tmp_path, monkeypatch):
    documents = [make_document(number, f"prison report {'gaol' if number == 4 else ''}") for number in range(1, 9)]
    index = make_index(tmp_path / "index", documents)
    request = Request(query.parse("prison report gaol", fields=frozenset(FIELDS)).tree, loose=True)
    assert index.search(request).count == 8
    monkeypatch.setattr(weights, "MOST_LOOSE_POSTINGS", 5)
    assert index.search(request).numbers == [4]


def test_truncations_that_open_frequent_words_open_fewer(tmp_path, monkeypatch):
    index = make_index(tmp_path / "index", [make_document(number, "water wall peer pear") for number in range(10)])
    monkeypatch.setattr(terms, "MOST_POSTINGS", 40)
    assert index.search(Request(query.parse("wa* pe*").tree)).truncations == {}
    monkeypatch.setattr(terms, "MOST_POSTINGS", 39)
    answer = index.search(Request(query.parse("wa* pe*").tree))
    assert answer.truncations == {"wa*": (2, 1), "pe*": (2, 1)}
    assert answer.count == 10


def test_in_the_order_of_texts_pages_end_where_they_would_take_too_long(tmp_path, monkeypatch):
    documents = [make_document(number, "prison", sort_keys={"title": f"{number:02}"}) for number in range(1, 31)]
    index = make_index(tmp_path / "index", documents)
    request = Request(Word("prison"), sort=Sort.TITLE, limit=10)
    assert index.search(replace(request, offset=20)).numbers == [*range(21, 31)]
    monkeypatch.setattr(hits, "MOST_KEYS", 25)
    answer = index.search(request)
    assert (answer.numbers, answer.count, answer.reach) == ([*range(1, 11)], 30, 25)
    assert index.search(replace(request, offset=20)).numbers == [*range(21, 26)]
    beyond = index.search(replace(request, offset=25))
    assert (beyond.numbers, beyond.count, beyond.reach) == ([], 30, 25)
    assert index.search(replace(request, sort=Sort.NEWEST)).reach is None
    assert sorted(index.numbers(request)) == [*range(1, 31)]


def test_pairs_of_words_are_looked_at_while_they_are_few(tmp_path, monkeypatch):
    far = "peer " + "filler words that say nothing of note " * 3 + "mentoring"
    near = "peer mentoring " + "filler words that say nothing of note " * 3
    records = [("One", far), ("Two", near), *[("Other", "nothing")] * 9]
    documents = [make_document(number, *record) for number, record in enumerate(records, start=1)]
    index = make_index(tmp_path / "index", documents)
    request = Request(query.parse("peer mentoring").tree)
    apart = [hit.score for hit in index.search(request).hits]
    monkeypatch.setattr(weights, "MOST_NEIGHBOURS", 1)
    together = [hit.score for hit in index.search(request).hits]
    assert apart[0] > apart[1]
    assert together[0] == together[1]
