"""Truncated words as regular expressions: what they match, and that no pattern takes long."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import wildcards

LETTERS = st.text("ab.[é", max_size=8)


@given(st.text("ab.[é*?", max_size=10), LETTERS)
def test_a_pattern_matches_what_the_shell_would_match(pattern, word):
    shell = pattern.replace("[", "[[]")
    assert bool(wildcards.compiled(pattern).fullmatch(word)) == fnmatch.fnmatchcase(word, shell)


@given(st.lists(LETTERS, min_size=1, max_size=4), st.lists(LETTERS, min_size=4, max_size=4))
def test_a_word_made_of_a_pattern_is_matched(parts, between):
    word = "".join(part + filling for part, filling in zip(parts, between, strict=False))
    assert wildcards.compiled("*".join([*parts, ""])).fullmatch(word)


@pytest.mark.parametrize("stars", [5, 30, 200])
def test_a_pattern_of_many_stars_comes_to_an_end(stars):
    assert not wildcards.compiled("0" + "0*" * stars + "1").fullmatch("0" * 5_000)
