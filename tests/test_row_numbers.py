"""Numbers of rows as addresses and forms name them: only those that can be, whatever is sent."""

from hypothesis import given
from hypothesis import strategies as st

from catalogue.row_numbers import row_number, row_numbers


@given(st.integers(1, 10**18 - 1))
def test_a_number_is_read_as_it_is_written(number):
    assert row_number(str(number)) == number


@given(st.text(max_size=30))
def test_what_is_no_number_of_a_row_is_none(text):
    assert row_number(text) == (int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0)


def test_too_long_signed_and_foreign_numbers_are_none_and_each_number_comes_once():
    texts = ["7", "٧", "-7", "9" * 5_000, "", "3", "7", "1"]
    assert row_numbers(texts, 2) == [7, 3]
