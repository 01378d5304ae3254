"""Refer: what EndNote and others export as .enw gives the Drafts that it should, however it is damaged."""

import pytest

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import WRITTEN, FormatError, detect
from tests.citing import check_golden, endure, golden, mutations, only, read

REPORT = """%0 Report
%A Smith, Ann
%A Shelter,
%D 2010
%T Homes for all
%I Shelter
%C London
%K housing
homeless people
%X First line
goes on.
%U http://x.org/1
%G English
%@ 978-0-14-044913-6
%F smith2010
%1 ours
not for print

"""
ARTICLE = """%0 Journal Article
%T On homes
%A Bo Jones
%J Journal of X
%V 3
%N 2
%P 1-9
%D 1999
%R 10.1/abc
"""


def test_a_report_and_an_article_are_read():
    first, second = read("refer", REPORT + ARTICLE)
    assert first.draft == Draft(
        "Homes for all",
        (Name("Smith, Ann"), Name("Shelter", "body")),
        summary="First line\ngoes on.",
        details="London: Shelter, 2010.",
        year=2010,
        url="http://x.org/1",
        keywords=("housing", "homeless people"),
        language="en",
        kind="report",
        identifiers=(Identifier("isbn", "978-0-14-044913-6"),),
    )
    assert (second.number, second.draft.kind, second.draft.year) == (2, "article", 1999)
    assert second.draft.source == "Journal of X 3(2), 1-9"
    assert second.draft.identifiers == (Identifier("doi", "10.1/abc"),)
    assert not first.warnings and not second.warnings


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Thesis", "thesis"), ("Book Section", "chapter"), ("Conference Paper", "conference"), ("Web Page", "web")]
    + [("Edited Book", "book"), ("Government Document", "report"), ("Generic", ""), ("Newspaper Article", "article")],
)
def test_types_become_kinds(name, kind):
    assert only("refer", f"%0 {name}\n%T T\n").kind == kind


def test_records_without_types_are_parted_by_empty_lines():
    rows = read("refer", "%T One\n%A Smith, Ann\n\n%A Lee, Cy\n%T Two\n\n\n")
    assert [(row.draft.title, row.draft.authors[0].heading) for row in rows] == [
        ("One", "Smith, Ann"),
        ("Two", "Lee, Cy"),
    ]


@pytest.mark.parametrize("text", [REPORT, ARTICLE, "\ufeff" + REPORT.replace("\n", "\r\n"), "%T One\n%D 2001\n"])
def test_it_is_told_from_its_content(text):
    assert detect(text.encode()).name == "refer"


@pytest.mark.parametrize("text", ["%% Title: A\n@book{k,\n  title = {A}\n}\n", "% T A\n% A B\n@string{a = {b}}"])
def test_comments_in_bibtex_are_not_taken_for_it(text):
    assert detect(text.encode()).name == "bibtex"


def test_a_file_without_records_is_refused_in_a_sentence():
    with pytest.raises(FormatError, match="no line begins with"):
        read("refer", "Dear library\n")


def test_a_zero_byte_is_a_problem_of_its_record():
    first, second = read("refer", REPORT.replace("Homes", "Ho\x00mes") + ARTICLE)
    assert (first.draft, len(first.problems), second.draft.title) == (None, 1, "On homes")


def test_it_is_only_read():
    assert "refer" not in WRITTEN


@pytest.mark.parametrize("path", golden("refer"), ids=lambda path: path.name)
def test_a_file_gives_the_drafts_beside_it(path):
    assert detect(path.read_bytes()).name == "refer"
    check_golden("refer", path)


def test_a_damaged_file_gives_rows_or_a_sentence():
    for data in mutations(1, golden("refer"), 250):
        endure("refer", data)
