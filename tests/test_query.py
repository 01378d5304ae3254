"""The query language: the tree of every construct, and a tree for every string."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search import query
from search.fields import FIELDS
from search.query import (
    And,
    Everything,
    Heading,
    HistoryLine,
    In,
    Node,
    Not,
    Or,
    Parsed,
    Phrase,
    Range,
    Truncated,
    Word,
    parse_years,
)

NAMES = frozenset(FIELDS)
A, B, C, D = (Word(letter) for letter in "abcd")


def parse(text: str) -> Parsed:
    return query.parse(text, fields=NAMES)


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("", Everything()),
        ("   ", Everything()),
        ("peer", Word("peer")),
        ("peer mentoring", And((Word("peer"), Word("mentoring")))),
        ("Peer  Mentoring", And((Word("Peer"), Word("Mentoring")))),
        ('"peer support"', Phrase(("peer", "support"))),
        ('"Peer Support (U.K.)"', Phrase(("peer", "support", "uk"))),
        ('"peer prison"~5', Phrase(("peer", "prison"), 5)),
        ('"peer prison" ~ 5', Phrase(("peer", "prison"), 5)),
        ("“peer support”", Phrase(("peer", "support"))),
        ("„peer support“ « a b »", And((Phrase(("peer", "support")), Phrase(("a", "b"))))),
        ("a OR b", Or((A, B))),
        ("a OR b OR c", Or((A, B, C))),
        ("a AND b", And((A, B))),
        ("a and b or not c", And((A, Word("and"), B, Word("or"), Word("not"), C))),
        ("NOT a", Not(A)),
        ("-a", Not(A)),
        ("a -b", And((A, Not(B)))),
        ("a—b", Word("a—b")),
        ("a 1990 –2000", And((A, Word("1990"), Word("2000")))),
        ("W/120", Word("W/120")),
        ("1914~1918", Word("1914~1918")),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("NOT NOT a", A),
        ("NOT -a", A),
        ('-"a b"', Not(Phrase(("a", "b")))),
        ("-(a b)", Not(And((A, B)))),
        ("self-help", Word("self-help")),
        ("rehab*", Truncated("rehab*")),
        ("wom?n", Truncated("wom?n")),
        ("Réhab*", Truncated("rehab*")),
        ("re**ab?", Truncated("re*ab")),
        ("know?", Word("know")),
        ("what do we know?", And((Word("what"), Word("do"), Word("we"), Word("know")))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("((a))", A),
        ("author:fletcher", In("author", Word("fletcher"))),
        ("AUTHOR:fletcher", In("author", Word("fletcher"))),
        ('title:"peer support"', In("title", Phrase(("peer", "support")))),
        ("title:(a OR b)", In("title", Or((A, B)))),
        ("title:rehab*", In("title", Truncated("rehab*"))),
        ("author:-fletcher", Not(In("author", Word("fletcher")))),
        ("title:-(a b)", Not(In("title", And((A, B))))),
        ("title: a year: 2012", And((In("title", A), Range(2012, 2012)))),
        ('keyword = "Peer Support"', Heading("keyword", "Peer Support")),
        ("-author:fletcher", Not(In("author", Word("fletcher")))),
        ("language:en", In("language", Word("en"))),
        ("kind:working-paper", In("kind", Word("working-paper"))),
        ("year:2012", Range(2012, 2012)),
        ("year:2010-2015", Range(2010, 2015)),
        ("year:2015-2010", Range(2010, 2015)),
        ("year:-1999", Range(None, 1999)),
        ("year:–1999", Range(None, 1999)),
        ("year:2015-", Range(2015, None)),
        ("year:2010–2015", Range(2010, 2015)),
        ("year=2012", Range(2012, 2012)),
        ("year:(2010 OR 2012-2013)", Or((Range(2010, 2010), Range(2012, 2013)))),
        ("year:(2010 OR title:a) 2012", And((Or((Range(2010, 2010), In("title", A))), Word("2012")))),
        ('year:"2010-2015"', Range(2010, 2015)),
        ("-year:-1999", Not(Range(None, 1999))),
        ('keyword="Peer Support"', Heading("keyword", "Peer Support")),
        ('keyword="Peer  Mentoring (U.K.)"', Heading("keyword", "Peer Mentoring (U.K.)")),
        ("keyword=Prisons", Heading("keyword", "Prisons")),
        ("#1", HistoryLine(1)),
        ("#1 AND #22", And((HistoryLine(1), HistoryLine(22)))),
        ("-#1", Not(HistoryLine(1))),
        ("#tag", Word("tag")),
    ],
)
def test_what_is_typed_has_this_tree(typed, tree):
    assert parse(typed) == Parsed(tree)


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("a b OR c d", Or((And((A, B)), And((C, D))))),
        ("a OR b c", Or((A, And((B, C))))),
        ("NOT a b", And((Not(A), B))),
        ("NOT a OR b", Or((Not(A), B))),
        ("a AND b OR c AND d", Or((And((A, B)), And((C, D))))),
        ("a (b OR c) d", And((A, Or((B, C)), D))),
        ("title:a b", And((In("title", A), B))),
        ("NOT (a OR b) c", And((Not(Or((A, B))), C))),
    ],
)
def test_not_binds_closest_then_words_side_by_side_then_or(typed, tree):
    assert parse(typed) == Parsed(tree)


@pytest.mark.parametrize(
    ("typed", "tree", "note"),
    [
        ("()", Everything(), None),
        ('"', Everything(), "A quotation mark has no partner"),
        ('"peer support', And((Word("peer"), Word("support"))), "A quotation mark has no partner"),
        ('""', Everything(), "An empty phrase was left out."),
        ("AND", Everything(), "An AND has nothing on one of its sides"),
        ("a AND", A, "An AND has nothing on one of its sides"),
        ("AND a", A, "An AND has nothing on one of its sides"),
        ("a AND AND b", And((A, B)), "An AND has nothing on one of its sides"),
        ("OR", Everything(), "An OR has nothing on one of its sides"),
        ("a OR", A, "An OR has nothing on one of its sides"),
        ("OR a", A, "An OR has nothing on one of its sides"),
        ("a OR OR b", Or((A, B)), "An OR has nothing on one of its sides"),
        ("NOT", Everything(), "A NOT has nothing after it"),
        ("a NOT", A, "A NOT has nothing after it"),
        ("(a", A, "An opening bracket has no partner"),
        ("a)", A, "A closing bracket has no partner"),
        (") a (", A, "A closing bracket has no partner"),
        ("*", Everything(), "“*” was left out: at least two letters must come before a * or ?."),
        ("a*", A, "“a*” was searched as “a”: at least two letters must come before a * or ?."),
        ("*tion", Word("tion"), "“*tion” was searched as “tion”: at least two letters must come before a * or ?."),
        (
            "s*t?d",
            And((Word("s"), Word("t"), Word("d"))),
            "“s*t?d” was searched as “s t d”: at least two letters must come before a * or ?.",
        ),
        ("中文*", Word("中文"), "“中文*” was searched as “中文”: * and ? cannot stand in a script without spaces."),
        ("C#", Word("C#"), "“C#” was searched as “c”: signs like # and + cannot be searched."),
        ("C++", Word("C++"), "“C++” was searched as “c”: signs like # and + cannot be searched."),
        ("nonsense:a", And((Word("nonsense"), A)), "“nonsense” is not the name of a field"),
        ("year:abcd", Word("abcd"), "“abcd” is not a year or a range like 2010-2015."),
        ("year:-x", Word("x"), "“-x” is not a year or a range like 2010-2015."),
        ("year:20123", Word("20123"), "“20123” is not a year or a range like 2010-2015."),
        ('"peer prison"~999', Phrase(("peer", "prison"), 100), "Words can be searched at most 100 apart, not 999."),
        ('"peer prison"~1000', Phrase(("peer", "prison"), 100), "Words can be searched at most 100 apart, not 1000."),
        ('"vict* a"', Phrase(("vict", "a")), "“vict* a” was searched as it stands: * and ? truncate"),
        ('keyword="vict*"', Heading("keyword", "vict*"), "“vict*” was searched as it stands"),
        ('"What do we know?"', Phrase(("what", "do", "we", "know")), None),
        ("a –b c", And((A, Not(B), C)), "The dash in “–b” was taken for a minus: what follows it is left out."),
        ("a −(b c)", And((A, Not(And((B, C))))), "The dash in “−(b” was taken for a minus"),
        ("!a", A, "“!a” was searched as “a”. To leave it out, write -a."),
        ("rehab$", Word("rehab"), "“rehab$” was searched as “rehab”. For all words that begin so, write rehab*."),
        ("rehab~2", Word("rehab"), "“rehab~2” was searched as “rehab”: ~ and ^ mean nothing after a word."),
        ("a^2 b", And((A, B)), "“a^2” was searched as “a”: ~ and ^ mean nothing after a word."),
        ("a NEAR/5 b", And((A, B)), "“NEAR/5” was left out: words near each other are written as in"),
        ("a and b", And((A, Word("and"), B)), "“and” was searched as a word. In capitals, as AND, it is an operator."),
        ("a or b", And((A, Word("or"), B)), "“or” was searched as a word. In capitals, as OR, it is an operator."),
        ("or b", And((Word("or"), B)), None),
        ("a and b c d a", And((A, Word("and"), B, C, D, A)), None),
        ("a OR " * 201 + "a", Or((A,) * 200), "Only the first 200 words were searched."),
        ("a & b", And((A, B)), "“&” holds nothing that can be searched."),
    ],
)
def test_what_is_not_understood_is_searched_as_words_and_said(typed, tree, note):
    parsed = parse(typed)
    assert parsed.tree == tree
    sentences = " ".join(map(str, parsed.notes))
    assert (sentences == "") if note is None else (note in sentences)


def test_an_address_is_searched_by_its_words_without_a_note():
    parsed = parse("http://www.shu.ac.uk/report")
    assert parsed.notes == ()
    assert parsed.tree == And((Word("http"), Word("www-shu-ac-uk-report")))


def test_in_a_box_no_field_can_be_named_and_every_word_is_looked_for_there():
    parsed = query.parse("peer OR author:fletcher", field="title")
    assert parsed.tree == In("title", Or((Word("peer"), And((Word("author"), Word("fletcher"))))))
    assert parsed.notes == ()
    assert query.parse(" ", field="title") == Parsed(Everything())
    assert query.parse("peer mentoring (u.k.)", field="keyword") == Parsed(
        In("keyword", And((Word("peer"), Word("mentoring"), Word("u.k."))))
    )


def test_a_very_long_query_is_cut_at_a_word_and_this_is_said():
    parsed = parse("word " * 2_000)
    assert "Only the first 4000 characters were searched." in map(str, parsed.notes)
    assert "Only the first 200 words were searched." in map(str, parsed.notes)
    assert parsed.tree == And((Word("word"),) * 200)
    assert parse("x" * 10_000).tree == Word("x" * 4_000)


def test_deep_brackets_are_flattened_and_this_is_said():
    parsed = parse("(" * 500 + "a" + ")" * 500)
    assert parsed.tree == A
    assert "Brackets inside brackets go no deeper than 20." in map(str, parsed.notes)


def test_twice_not_is_nothing_and_a_long_row_of_nots_ends():
    assert parse("NOT " * 18 + "a").tree == A
    assert parse("NOT " * 19 + "a").tree == Not(A)
    assert len(leaves(parse("NOT " * 900 + "a").tree)) <= 50


def test_control_characters_are_spaces():
    assert parse("peer\0mentoring\x1b\ud800").tree == And((Word("peer"), Word("mentoring")))


@pytest.mark.parametrize(
    ("typed", "years"),
    [
        ("2012", Range(2012, 2012)),
        (" 2010 - 2015 ", Range(2010, 2015)),
        ("2010—2015", Range(2010, 2015)),
        ("-1999", Range(None, 1999)),
        ("2015-", Range(2015, None)),
        ("1-2", Range(1, 2)),
        ("", None),
        ("-", None),
        ("20102015", None),
        ("２０１２", None),
        ("2012a", None),
        ("2010-2012-2014", None),
        ("99999", None),
        ("2012 BC", None),
    ],
)
def test_years_are_one_or_a_range_open_at_either_end(typed, years):
    assert parse_years(typed) == years


def leaves(node: Node, depth: int = 0) -> list[tuple[Node, int]]:
    children = {And: lambda: node.nodes, Or: lambda: node.nodes, Not: lambda: [node.node], In: lambda: [node.node]}
    inner = children.get(type(node), list)()
    return [leaf for child in inner for leaf in leaves(child, depth + 1)] if inner else [(node, depth)]


PIECES = st.sampled_from(
    ["(", ")", '"', "-", "NOT ", " AND ", " OR ", " ", "*", "?", "~5", "#1", ":", "=", "year:", "author:", "title=("]
    + ["2010-2015", "peer", "u.k.", "中文", "é", "-(", '-"', "a" * 50, "kind:", "language="]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
@example("(" * 4_000)
@example("-(" * 2_000)
@example("NOT " * 1_000 + "a")
@example("author:" * 600)
@example("title:(" * 600)
@example("a OR " * 900)
@example('"' * 3_999)
@example("year:(2010 OR 2012)")
@example("'\" OR 1=1 --")
@example("*?" * 2_000)
@example("\u0345" * 100)
def test_every_string_has_one_bounded_tree(typed):
    for field, fields in (("", NAMES), ("title", frozenset())):
        parsed = query.parse(typed, field, fields)
        assert parsed == query.parse(typed, field, fields)
        found = leaves(parsed.tree)
        assert len(found) <= query.MOST_CLAUSES + 1
        assert max(depth for _, depth in found) <= 3 * query.DEEPEST_NESTING
        assert all(str(note) for note in parsed.notes)
        for leaf, _ in found:
            assert type(leaf) in (Everything, Word, Truncated, Phrase, Heading, Range, HistoryLine)


@given(st.text(alphabet="ab -()\"*?~#:='ORNTADé5", max_size=60))
@example('author:(a OR b) -c "d e"~3')
def test_a_tree_printed_and_parsed_again_is_the_same_tree(typed):
    tree = parse(typed).tree
    assert parse(query.to_text(tree)).tree == tree
    assert parse(query.to_text(tree, brackets=True)).tree == tree


def test_a_field_with_nothing_after_it_is_searched_as_a_word_and_this_is_said():
    for text in ("title:", "prison title=", "Title: prison", "title: OR prison"):
        parsed = parse(text)
        assert Word("title") in [*query.leaves(parsed.tree)] or Word("Title") in [*query.leaves(parsed.tree)]
        assert [note.message for note in parsed.notes] == ["Nothing follows “%(field)s”; it was searched as a word."]
