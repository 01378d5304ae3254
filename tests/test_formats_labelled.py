"""Labelled text: the page that the catalogue descends from, pages like it, and what is no such page."""

import io
from pathlib import Path

import pytest

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FORMATS, FormatError, ReadOptions, Row

SAMPLE = Path(__file__).parent.parent / "fixtures" / "samples" / "labelled" / "rutgers-peer-mentoring.txt"
LABELLED = FORMATS["labelled"]


def read(text: str | bytes, **options: str) -> list[Row]:
    data = text.encode() if isinstance(text, str) else text
    return list(LABELLED.read(io.BytesIO(data), ReadOptions(**options)))


def drafts(text: str | bytes) -> list[Draft]:
    return [row.draft for row in read(text)]


def test_the_original_page_gives_its_one_record_field_by_field():
    [row] = read(SAMPLE.read_bytes())
    url = "http://www.shu.ac.uk/_assets/pdf/cresr-using-offender-KEP-report.pdf"
    line = next(line for line in SAMPLE.read_text("utf-8").split("\n") if line.startswith("Summary: "))
    assert (row.number, row.problems, row.warnings) == (1, (), ())
    assert row.draft == Draft(
        title="Offender Peer Interventions: What Do We Know?",
        authors=(Name("Fletcher, Del Roy", "person"),),
        summary=line.removeprefix("Summary: "),
        details="Sheffield, UK: Sheffield Hallam University, Centre for Regional Economic and Social Research, "
        "2012. 26p.",
        source=f"Internet Resource: Accessed January 29, 2013 at: {url}",
        year=2012,
        country="International",
        url=url,
        shelf_number="127419",
        keywords=("Delinquency Prevention", "Offender Rehabilitation", "Peer Mentoring (U.K.)", "Peer Support"),
    )
    assert row.draft.summary.count("•") == 18
    assert row.draft.summary.endswith("management support that is required.")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_original_page_reads_the_same_however_it_was_saved(encoding, newline):
    page = SAMPLE.read_text("utf-8")
    assert drafts(page.replace("\n", newline).encode(encoding)) == drafts(page)


def test_a_latin_1_page_is_understood():
    [draft] = drafts("Author: Müller, Jörg\nTitle: Café\nCountry: España".encode("latin-1"))
    assert (draft.authors[0].heading, draft.title, draft.country) == ("Müller, Jörg", "Café", "España")


def test_every_record_of_a_long_page_is_read():
    page = "3 results found\n" + "".join(f"Author: A{n}\nTitle: T{n}\nKeywords:\nx\n\n" for n in range(300))
    rows = read(page)
    assert [row.number for row in rows] == list(range(1, 301))
    assert [row.draft.title for row in rows] == [f"T{n}" for n in range(300)]


def test_the_head_of_a_second_page_is_no_part_of_a_record():
    first, second = drafts(SAMPLE.read_text("utf-8") + "\n" + SAMPLE.read_text("utf-8"))
    assert first == second


def test_records_without_an_author_begin_at_their_title():
    assert [(d.title, len(d.authors)) for d in drafts("Title: A\nYear: 2001\nTitle: B\nAuthor: X, Y\nTitle: C")] == [
        ("A", 0),
        ("B", 1),
        ("C", 0),
    ]


def test_authors_may_stand_in_several_lines_under_several_labels_and_between_semicolons():
    page = "AUTHOR: A, B; C, D\nE, F\nauthor: Ministry of Justice\nTitle: T"
    assert [name.heading for name in drafts(page)[0].authors] == ["A, B", "C, D", "E, F", "Ministry of Justice"]


def test_keywords_may_stand_on_the_label_line():
    assert drafts("Title: T\nkeywords: One; Two ;Three")[0].keywords == ("One", "Two", "Three")


def test_long_values_wrap_and_paragraphs_and_bullets_stay():
    page = "Title: A long\n  title\nSummary: One\ntwo.\n\nThree\n• four\nfive\nURL: http://x.org/a\nb.pdf\n\nfooter"
    [row] = read(page)
    assert row.draft.title == "A long title"
    assert row.draft.summary == "One two.\n\nThree\n• four five"
    assert row.draft.url == "http://x.org/ab.pdf"
    assert "footer" in row.warnings[0]


def test_optional_labels_are_read():
    [draft] = drafts(
        "Title: T\nLanguage: English\nKind: Research report\nRights: CC BY\nISBN: 978-1\nDOI: https://doi.org/10.1/x\n"
        "Report Number: R 7\nIdentifier: handle: 10/11\n"
    )
    assert (draft.language, draft.kind, draft.rights) == ("en", "report", "CC BY")
    assert draft.identifiers == (
        Identifier("isbn", "978-1"),
        Identifier("doi", "10.1/x"),
        Identifier("report", "R 7"),
        Identifier("handle", "10/11"),
    )


def test_a_second_value_is_left_out_with_a_warning():
    [row] = read("Title: T\nYear: 2001\nYear: 2002")
    assert row.draft.year == 2001
    assert "2002" in row.warnings[0]


def test_a_year_that_is_none_stands_in_the_details():
    [row] = read("Title: T\nDetails: Leeds Press\nYear: soon")
    assert (row.draft.details, row.draft.year, row.problems) == ("Leeds Press. soon", None, ())
    assert "“soon”" in row.warnings[0]


def test_lines_of_a_value_that_look_like_labels_come_back():
    draft = Draft(
        title="T", summary="One\n\nTitle: not a title\n\n\\Year: 1\n\nCentenial Celebration", keywords=("Title: K",)
    )
    out = io.BytesIO()
    LABELLED.write([draft, Draft(title="U")], out)
    assert drafts(out.getvalue()) == [draft, Draft(title="U")]


@pytest.mark.parametrize("text", ["", "Nothing here.", "Results for x\n\n0 results found\n", "Author:\nTitle:\n"])
def test_a_text_without_a_record_is_refused(text):
    with pytest.raises(FormatError, match="no record"):
        read(text)


def test_a_zero_byte_is_a_problem_of_its_record():
    first, second = read("Title: A\x00B\nYear: 2001\n\nTitle: C" + " " * 4000)
    assert (first.draft, len(first.problems), second.draft.title) == (None, 1, "C")


def test_a_record_without_end_is_refused():
    with pytest.raises(FormatError, match="longer than"):
        read(b"Title: A\nSummary: x\n" + b"word\n" * 1_000_000)
