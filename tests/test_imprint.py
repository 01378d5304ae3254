"""The imprint read out of the details of a record."""

import pytest

from catalogue.imprint import Imprint, read_imprint


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("Sheffield, UK: Sheffield Hallam University, CRESR, 2012. 26p.",
         Imprint("Sheffield, UK", "Sheffield Hallam University, CRESR", "26p")),
        ("Oulun yliopisto, 2021.", Imprint("", "Oulun yliopisto", "")),
        ("St. Louis, MO: U.S. Department of Justice, 1998. 12 pages",
         Imprint("St. Louis, MO", "U.S. Department of Justice", "12 pages")),
        ("Final Report: the second year, 2012.", Imprint()),
        ("Parallel title (Swedish): Ansvarsrapport 2022.", Imprint()),
        ("Keva.", Imprint()),
        ("", Imprint()),
        ("2012. 26p.", Imprint()),
        ("A report. It says: this, 2012.", Imprint()),
        ("x" * 5_000 + ", 2012.", Imprint()),
    ],
)  # fmt: skip
def test_an_imprint_is_read_only_where_it_is_surely_one(details, expected):
    assert read_imprint(details) == expected
