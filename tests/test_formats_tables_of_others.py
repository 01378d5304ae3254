"""CSV as other systems export it: EPrints, Zotero, DSpace, Koha, each with columns of its own."""

import io

import pytest

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FORMATS, ReadOptions, Row

CSV = FORMATS["csv"]


def read(data: str) -> list[Row]:
    return list(CSV.read(io.BytesIO(data.encode()), ReadOptions()))


def only(data: str) -> Row:
    [row] = read(data)
    return row


EPRINTS = """eprintid,type,creators_name.family,creators_name.given,userid,title,subjects,keywords,date,official_url
12,monograph,Smith,Ann,a@x.org,Homes for all,HV,"housing, homeless",2010-05,http://x.org/12
12,,Jones,Bo,b@x.org,,HD,,,
12,,Council,,,,,,,
,,Lee,Cy,,,,,,
13,article,Roe,Di,,Second thing,HV,,2011,http://x.org/13
14,article,Poe,Ed,,,HV,,2011,
"""


def test_a_table_of_eprints_has_further_authors_and_subjects_in_rows_of_their_own():
    first, second, third = read(EPRINTS)
    names = ("Smith, Ann", "Jones, Bo", "Council", "Lee, Cy")
    assert [name.heading for name in first.draft.authors] == list(names)
    assert (first.number, first.draft.title, first.draft.year) == (2, "Homes for all", 2010)
    assert first.draft.url == "http://x.org/12"
    assert {"HV", "HD"} <= set(first.draft.keywords)
    assert first.draft.identifiers == (Identifier("source", "12"),)
    assert (second.number, second.draft.title, second.draft.authors) == (6, "Second thing", (Name("Roe, Di"),))
    assert (third.number, third.draft.title) == (7, "")


def test_words_for_nothing_in_further_rows_of_eprints_are_no_names():
    head = "eprintid,title,creators_name.family,creators_name.given,keywords\n"
    [row] = read(head + "1,A,Smith,NULL,a\n1,,Jones,Bo,NULL\n1,,NULL,NULL,'none\n1,,Lee,NULL,\n")
    assert row.draft.authors == (Name("Smith"), Name("Jones, Bo"), Name("Lee"))
    assert row.draft.keywords == ("a", "none")


def test_what_further_rows_of_eprints_say_and_is_not_read_is_told():
    head = "eprintid,title,abstract,official_url,creators_name\n"
    row, other = read(head + "1,A,One,http://x.org/1,Plato\n1,,Two,http://x.org/2,Homer\n2,B,,,\n2,,,NULL,Plato\n")
    assert (row.draft.summary, row.draft.url) == ("One", "http://x.org/1")
    assert row.warnings == (
        "Only the first row of this record is read for abstract, official_url; what the rows below it say is left out.",
    )
    assert other.draft.authors == (Name("Plato"),)
    assert other.warnings == ()


def test_a_further_row_of_eprints_with_too_many_cells_is_a_problem_of_its_own():
    head = "eprintid,title,creators_name\n"
    first, wide, last = read(head + "1,A,Plato\n1,,Homer,and,more\n2,B,Ovid\n")
    assert (first.number, first.draft.authors) == (2, (Name("Plato"),))
    assert (wide.number, wide.draft) == (3, None)
    assert "5 cells" in wide.problems[0].reason
    assert last.draft.title == "B"


def test_in_other_tables_a_row_without_a_title_is_one_of_its_own():
    assert [row.draft.title for row in read("ID,Title,Author\n1,A,Plato\n1,,Homer\n")] == ["A", ""]


def test_surnames_and_first_names_in_columns_of_their_own_make_authors():
    row = only("Title,Last name,First name,Last name 2,First name 2\nT,Smith,Ann,Jones,\n")
    assert [name.heading for name in row.draft.authors] == ["Smith, Ann", "Jones"]
    row = only("Title,Surname,First name\nT,Smith; Jones,Ann; Bo\n")
    assert row.draft.authors == (Name("Smith, Ann"), Name("Jones, Bo"))


def test_first_names_stay_with_the_surnames_of_their_own_columns():
    head = "Title,Last name,First name,Last name 2,First name 2\n"
    assert [name.heading for name in only(head + "T,Smith; Jones,Ann,Lee,Cy\n").draft.authors] == [
        "Smith, Ann",
        "Jones",
        "Lee, Cy",
    ]
    row = only(head + 'T,"Smith\nJones",Ann; Bo,Lee,Cy\n')
    assert [name.heading for name in row.draft.authors] == ["Smith, Ann", "Jones, Bo", "Lee, Cy"]


@pytest.mark.parametrize("header", ["Author(s) of it", "Creator names", "VerfasserInnen", "dc.contributor.editor"])
def test_a_publisher_is_no_author_where_a_column_of_authors_is_not_known_as_one(header):
    draft = only(f'Title,{header},Publisher\nT,"Smith, Ann",Shelter\n').draft
    assert (draft.authors, draft.details) == ((), "Shelter")


def test_an_authority_is_no_author():
    assert only("Title,Local authority,Publisher\nT,Leeds,Shelter\n").draft.authors == (Name("Shelter", "body"),)


def test_a_table_of_zotero_is_read():
    head = "Key,Item Type,Publication Year,Author,Title,Publication Title,DOI,Url,Abstract Note,Date,Manual Tags,"
    head += "Automatic Tags"
    data = f'{head}\nK1,bookSection,2015,"Smith, Ann; Jones, Bo",T,Book Y,10.1/x,http://x.org/1,Abs,2015-03,a; b,c\n'
    assert CSV.columns(io.BytesIO(data.encode()), ReadOptions()).unmapped == ("Key", "Date")
    assert only(data).draft == Draft(
        "T",
        (Name("Smith, Ann"), Name("Jones, Bo")),
        summary="Abs",
        source="Book Y",
        year=2015,
        url="http://x.org/1",
        keywords=("a", "b", "c"),
        kind="chapter",
        identifiers=(Identifier("doi", "10.1/x"),),
    )


def test_a_table_of_dspace_is_read():
    head = (
        "id,collection,dc.contributor.author[en],dc.date.issued[],dc.identifier.uri[],dc.language.iso[],dc.publisher[],"
    )
    head += "dc.subject[en],dc.title[en],dc.type[en]"
    cells = '0b1f-1,1/2,"Smith, Ann||Jones, Bo",2010-05,http://hdl.handle.net/1/2||https://doi.org/10.1/a,en,Univ X,'
    row = only(f"{head}\n{cells}housing||homeless,Homes for all,Technical Report||Preprint\n")
    assert row.draft == Draft(
        "Homes for all",
        (Name("Smith, Ann"), Name("Jones, Bo")),
        details="Univ X",
        year=2010,
        url="http://hdl.handle.net/1/2",
        keywords=("housing", "homeless"),
        language="en",
        kind="report",
        identifiers=(Identifier("source", "0b1f-1"),),
    )


def test_a_report_of_koha_is_read_without_the_marks_at_the_end_of_its_cells():
    head = "Biblionumber,Title,Subtitle,Author,Publisher,Copyrightdate,Call number"
    row = only(f'{head}\n1,"Homes for all :","a history /","Smith, Ann,",Shelter,c2010,HD 123\n')
    assert row.draft == Draft(
        "Homes for all: a history",
        (Name("Smith, Ann"),),
        details="Shelter",
        year=2010,
        shelf_number="HD 123",
        identifiers=(Identifier("source", "1"),),
    )
