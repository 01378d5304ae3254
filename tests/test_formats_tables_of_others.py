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


def test_in_other_tables_a_row_without_a_title_is_one_of_its_own():
    assert [row.draft.title for row in read("ID,Title,Author\n1,A,Plato\n1,,Homer\n")] == ["A", ""]


def test_surnames_and_first_names_in_columns_of_their_own_make_authors():
    row = only("Title,Last name,First name,Last name 2,First name 2\nT,Smith,Ann,Jones,\n")
    assert [name.heading for name in row.draft.authors] == ["Smith, Ann", "Jones"]
    row = only("Title,Surname,First name\nT,Smith; Jones,Ann; Bo\n")
    assert row.draft.authors == (Name("Smith, Ann"), Name("Jones, Bo"))


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
