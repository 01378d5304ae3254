"""What a truncated word stands for: the same as by the plain rule, and found in bounded time."""

import re
from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from search.engine.base import Request
from search.highlighting import Marker, words_of
from search.query import parse
from search.truncation import pattern_of
from tests.documents import make_document, make_index

HOSTILE = "00" + "*0" * 30 + "*1"


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_a_truncated_word_stands_for_what_the_plain_rule_says(pattern, word):
    assert (pattern_of(pattern).fullmatch(word) is not None) == fnmatchcase(word, pattern)


@given(st.text(max_size=8))
def test_letters_stand_for_themselves(word):
    plain = re.sub(r"[*?]", "", word)
    assert pattern_of(plain).fullmatch(plain)


def test_a_pattern_of_many_stars_is_searched_and_marked_within_the_time_of_any_other(tmp_path):
    zeros = "0" * 40
    index = make_index(tmp_path / "index", [make_document(1, zeros), make_document(2, f"{zeros}1")])
    tree = parse(HOSTILE).tree
    assert index.search(Request(tree)).numbers == [2]
    marker = Marker(words_of(tree))
    assert "<mark>" not in marker.mark(zeros, "title")
    assert "<mark>" in marker.mark(f"{zeros}1", "title")
