"""CSV and TSV: other people's columns, encodings and delimiters, and tables that are damaged."""

import io
from pathlib import Path

import pytest

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FORMATS, FormatError, ReadOptions, Row
from catalogue.formats.headers import guess_mapping

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples" / "csv"
CSV = FORMATS["csv"]


def read(data: str | bytes, **options: object) -> list[Row]:
    data = data.encode() if isinstance(data, str) else data
    return list(CSV.read(io.BytesIO(data), ReadOptions(**options)))


def only(data: str | bytes, **options: object) -> Row:
    [row] = read(data, **options)
    return row


def write(*drafts: Draft) -> str:
    out = io.BytesIO()
    CSV.write(drafts, out)
    return out.getvalue().decode("utf-8-sig")


def test_a_german_table_with_semicolons_in_windows_1252():
    data = (SAMPLES / "german-semicolon-windows1252.csv").read_bytes()
    columns = CSV.columns(io.BytesIO(data), ReadOptions())
    first, second = read(data, separator="|")
    assert (columns.encoding, columns.delimiter, columns.unmapped) == ("cp1252", ";", ("Bemerkung",))
    assert first.draft == Draft(
        title="Übergänge aus der Haft – was hilft?",
        authors=(Name("Müller, Jörg"),),
        details="Institut für Übergänge",
        year=2014,
        country="Österreich",
        shelf_number="A 17",
        keywords=("Haftentlassung", "Wohnen"),
        language="de",
        kind="report",
    )
    assert (second.draft.year, second.draft.language, second.draft.kind) == (2016, "de", "working-paper")


def test_a_swedish_table_with_tabs_in_utf_16():
    row = only((SAMPLES / "swedish-utf16.tsv").read_bytes())
    assert row.draft == Draft(
        title="Vägen ut: om återfall",
        authors=(Name("Öberg, Åsa"), Name("Brottsförebyggande rådet", "body")),
        year=2019,
        language="sv",
        keywords=("återfall", "frivård"),
        url="http://www.example.org/vägen",
    )
    assert "http://" in row.warnings[0]


def test_a_table_with_pipes():
    first, second = read((SAMPLES / "pipe.csv").read_bytes())
    assert first.draft.authors == (Name("Doe, Jane"), Name("Roe, Richard"))
    assert (first.draft.year, first.draft.language) == (2001, "en")
    assert first.draft.identifiers == (Identifier("report", "R-2001-7"),)
    assert second.draft.title == "Peers; and others"
    assert second.draft.authors == (Name("Ministry of Justice", "body"),)
    assert second.draft.year == 2002


def test_quotation_marks_line_breaks_and_empty_rows():
    first, second = read((SAMPLES / "quoted-newlines.csv").read_bytes())
    assert first.draft.title == 'A "quoted" title, with a comma'
    assert first.draft.summary == "First paragraph.\n\nSecond paragraph."
    assert first.draft.keywords == ("prisons", "peers")
    assert [first.number, second.number] == [2, 4]


def test_the_justice_table_maps_as_it_is():
    headers = "identifier,title,description,keyword,issued,modified,publisher,country,url"
    data = f"{headers}\ndoj-4,T,D,a; b,2019-06-28T00:00:00,2020-10-08T00:00:00,Antitrust Division,United States,https://x.org\n"
    assert CSV.columns(io.BytesIO(data.encode()), ReadOptions()).unmapped == ("modified",)
    assert only(data).draft == Draft(
        title="T",
        authors=(Name("Antitrust Division", "body"),),
        summary="D",
        year=2019,
        country="United States",
        url="https://x.org",
        keywords=("a", "b"),
        identifiers=(Identifier("source", "doj-4"),),
    )


def test_beside_an_author_column_the_publisher_goes_to_the_details():
    draft = only("Title,Author,Publisher,Details\nT,,Crown,26p.").draft
    assert (draft.authors, draft.details) == ((), "Crown. 26p.")


def test_a_second_column_for_a_field_is_listed_as_unmapped():
    columns = CSV.columns(io.BytesIO(b"Abstract,Title,Description,Title\n"), ReadOptions())
    assert columns.mapping == {"title": ("Title",), "summary": ("Abstract",)}
    assert columns.unmapped == ("Description", "Title")


def test_headers_are_known_whatever_their_case_accents_and_punctuation():
    assert guess_mapping(["TITRE", "mots cles", "Shelf-No", "Resume", "ANNEE"]) == {
        "title": ("TITRE",),
        "keywords": ("mots cles",),
        "summary": ("Resume",),
        "year": ("ANNEE",),
    }


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("Author 1,Author 2,Author 3", '"Smith, Ann","Jones, Bo","Lee, Cy"'),
        ("Author,Author", '"Smith, Ann; Jones, Bo","Lee, Cy"'),
        ("dc.contributor.author,dc.contributor.author[en],dc.creator", '"Smith, Ann","Jones, Bo","Lee, Cy"'),
        ("Author_1,Author_2,Personal author", '"Smith, Ann and Jones, Bo",NULL,"Lee, Cy"'),
    ],
)
def test_several_columns_of_authors_are_read_in_their_order(head, cells):
    data = f"Title,{head}\nT,{cells}\n"
    names = (Name("Smith, Ann"), Name("Jones, Bo"), Name("Lee, Cy"))
    row = only(data)
    assert row.draft == Draft("T", names)
    assert CSV.columns(io.BytesIO(data.encode()), ReadOptions()).unmapped == ()


def test_several_columns_of_keywords_numbers_and_details_are_joined():
    head = "Title,Manual Tags,Automatic Tags,ISBN 1,ISBN 2,Imprint,Extent"
    row = only(
        f"{head}\nT,a; b,c,9780306406157,9783161484100,Leeds: X,12 p.\n", mapping={"details": ("Imprint", "Extent")}
    )
    assert row.draft.keywords == ("a", "b", "c")
    assert [item.value for item in row.draft.identifiers] == ["9780306406157", "9783161484100"]
    assert row.draft.details == "Leeds: X. 12 p."


def test_of_a_title_in_two_languages_the_first_that_is_filled_is_read():
    first, second = read("dc.title,dc.title[en],dc.date.issued[]\n,Homes,2001\nCasas,Homes,2002\n")
    assert [(row.draft.title, row.draft.year) for row in (first, second)] == [("Homes", 2001), ("Casas", 2002)]


@pytest.mark.parametrize(
    ("title", "below", "whole"),
    [("Homes", "a study", "Homes: a study"), ("Why homes?", "A study", "Why homes? A study"), ("Homes", "", "Homes")],
)
def test_a_subtitle_goes_to_the_title(title, below, whole):
    assert only(f"Title,Subtitle\n{title},{below}\n").draft.title == whole


def test_a_field_may_have_a_separator_of_its_own():
    data = 'Title,Authors,Keywords,ISBN\nT,"Smith, Ann; Jones, Bo","housing, Leeds; York",9780306406157;9783161484100\n'
    row = only(data, separators={"keywords": ","})
    assert [name.heading for name in row.draft.authors] == ["Smith, Ann", "Jones, Bo"]
    assert row.draft.keywords == ("housing", "Leeds; York")
    assert len(row.draft.identifiers) == 2


@pytest.mark.parametrize(
    ("cells", "count"),
    [(["housing, Leeds", "York, homes"], 1), (["housing, Leeds", "York; homes"], 0), (["housing, Leeds", "York|x"], 0)]
    + [(["housing, Leeds", "York", "prisons", "homes", ""], 0), (["housing", ""], 0), ([f"a, {'b ' * 30}"] * 5, 0)],
)
def test_keywords_that_seem_to_be_parted_by_commas_are_told_of(cells, count):
    data = "Title,Subjects\n" + "".join(f'T,"{cell}"\n' for cell in cells)
    notes = CSV.columns(io.BytesIO(data.encode()), ReadOptions()).notes
    assert len(notes) == count
    assert all("“Subjects”" in note for note in notes)
    assert not CSV.columns(io.BytesIO(data.encode()), ReadOptions(separators={"keywords": ","})).notes
    assert not [row.warnings for row in read(data) if row.warnings]


def test_pipes_part_keywords_too():
    assert only("Title,Keywords\nT,a|b | c").draft.keywords == ("a", "b", "c")
    lone = Draft("T", keywords=("a|b",))
    assert only(write(lone)).draft == lone


def test_a_cell_that_may_hold_several_authors_is_told_of():
    row = only('Title,Author\nT,"Ann Smith, Bo Jones, Cy Lee"\n')
    assert [name.heading for name in row.draft.authors] == ["Ann Smith, Bo Jones, Cy Lee"]
    assert row.warnings == (
        "“Ann Smith, Bo Jones, Cy Lee” may be several authors, and was taken for one. Put “;” between them.",
    )


@pytest.mark.parametrize(
    "cell",
    ["Smith, Ann and Jones, Bo and others", "Smith, Ann; Jones, Bo; et al.", "Smith, Ann & Jones, Bo et al"]
    + ["Smith, Ann|Jones, Bo|others"],
)
def test_authors_who_are_not_named_are_none(cell):
    row = only(f'Title,Author\nT,"{cell}"\n')
    assert row.draft == Draft("T", (Name("Smith, Ann"), Name("Jones, Bo")), details="[et al.]")
    assert row.warnings == ("There are more authors than are named; the details say so: [et al.]",)


@pytest.mark.parametrize(
    "body", ["Shelter and Others", "Save the Children & others", "Department for Work, Health and Others"]
)
def test_the_name_of_a_body_may_end_in_others(body):
    [row] = read(f'title,authors\nT,"{body}"\n'.encode())
    assert ([name.heading for name in row.draft.authors], row.draft.details) == ([body], "")


def test_a_body_may_be_called_others():
    row = only("Title,Author\nT,Significant Others\n")
    assert (row.draft.authors, row.warnings) == ((Name("Significant Others", "body"),), ())


def test_a_person_may_overrule_the_mapping():
    row = only("Title,Headline,Year\nwrong,right,2001", mapping={"title": "headline", "year": ""})
    assert (row.draft.title, row.draft.year) == ("right", None)


@pytest.mark.parametrize(
    ("mapping", "named"), [({"titel": "Title"}, "shelf_number"), ({"title": "Headline"}, "Title, Year")]
)
def test_mapping_to_what_does_not_exist_names_what_does(mapping, named):
    with pytest.raises(FormatError, match=named):
        read("Title,Year\nT,2001", mapping=mapping)


def test_a_table_without_titles_asks_for_them():
    with pytest.raises(FormatError, match="title=Headline"):
        read("Headline,Year\nT,2001")


def test_a_look_at_the_columns_leaves_the_file_where_it_was():
    file = io.BytesIO(b"Title,Year\nT,2001\n")
    CSV.columns(file, ReadOptions())
    assert len(list(CSV.read(file, ReadOptions()))) == 1


def test_a_sep_line_names_the_delimiter():
    row = only("sep=;\r\nTitle;Year\r\nA, B, C;2001\r\n")
    assert (row.number, row.draft.title, row.draft.year) == (3, "A, B, C", 2001)


def test_letters_of_another_encoding_after_a_long_plain_beginning_are_read():
    rows = read(b"Title,Year\n" + b"plain,2001\n" * 20_000 + "Café,2002\n".encode("cp1252"))
    assert rows[-1].draft.title == "Café"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("cp1251", "Преступность и наказание"),
        ("shift_jis", "刑務所における仲間の支援についての報告書。この研究は、出所者の社会復帰を助けるために行われた。"),
    ],
)
def test_other_encodings_are_guessed_from_enough_text(encoding, title):
    assert [row.draft.title for row in read(f"Title,Year\n{title},2001\n{title},2002\n".encode(encoding))] == [
        title
    ] * 2


def test_too_many_cells_are_a_problem_of_the_row():
    good, bad = read("Title,Year\nA,2001,,\nB,2002,x\n")
    assert (good.draft.title, bad.draft, bad.number) == ("A", None, 3)


SLIP = (
    "A quotation mark is closed here before its cell ends: the columns of this row may be shifted. Within a cell, such "
    "a mark is written twice.",
)


@pytest.mark.parametrize(
    "line",
    ['"Unclosed title,"Smith, B",2000,ok', '1,"Peers" in prison,2000,ok', 'x,"a ""b"" c","d"e,f', '"a" "b",c,d,e'],
)
def test_a_quotation_mark_that_closes_before_its_cell_ends_is_told_of(line):
    assert only(f"Title,Author,Year,Abstract\n{line}\n").warnings[:1] == SLIP
    semicolons = line.replace(",", ";")
    assert only(f"Title;Author;Year;Abstract\n{semicolons}\n").warnings[:1] == SLIP


@pytest.mark.parametrize(
    "line",
    ['"He said, ""hi"", ok","a"', 'The 5" disk,"Lee, C"', '"a" , "b" ', '"","""a"""', '"a\n,""b"" c",d', '"a\nb"," c"'],
)
def test_quotation_marks_as_they_should_be_are_not_told_of(line):
    assert only(f"Title,Details\n{line}\n").warnings == ()


def test_a_zero_byte_is_a_problem_of_the_row():
    bad, good = read("Title,Year\n" + "A" * 3000 + "\x00,2001\nB,2002\n")
    assert (bad.draft, len(bad.problems), good.draft.title) == (None, 1, "B")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b'Title,Year\nA,2001\n"B,2002\nC,2003\n', "row 3.*never closed"),
        (b'Title,Year\n"' + b"x\n" * 600_000, "Row 2 has a cell"),
        (b"Title,Year\n" + b"x" * 5_000_000, "Line 2 is longer"),
        (b'Title,Year\n"' + (b"x" * 900_000 + b'\n","') * 20, "Row 2 is longer"),
        (b"Title" + b",x" * 10_000, "10001 columns"),
        ("Title,Year\nMüller,2001\nÄrger,2002\n".encode() + b"caf\xe9,2003\n", "Line 4.*utf-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_a_sentence(data, words):
    with pytest.raises(FormatError, match=words):
        read(data)


class Endless(io.RawIOBase):
    """A file without end, which counts what was taken of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.taken += size
        return b"x" * size


# A file of MARC records has no lines: its reader passes over what is no record, and holds none of it.
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "marc"])
def test_a_line_without_end_is_never_read_whole(name):
    file = Endless()
    with pytest.raises(FormatError, match="longer than|does not end|damaged"):
        list(FORMATS[name].read(file, ReadOptions()))
    assert file.taken < 6_000_000


@pytest.mark.parametrize(
    "options", [{"encoding": "klingon"}, {"encoding": "hex"}, {"delimiter": "ab"}, {"delimiter": '"'}]
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(FormatError):
        read("Title,Year\nT,2001", **options)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_no_cell_is_written_as_a_formula_and_every_one_comes_back(start):
    draft = Draft(title=f'{start}HYPERLINK("http://x")', keywords=(f"{start}1",), country=f"'{start}x")
    text = write(draft)
    assert f",{start}" not in text and f'"{start}' not in text
    assert only(text).draft == draft


@pytest.mark.parametrize(
    "nothing", ["NULL", r"\N", "N/A", "n/a", "#N/A", "#REF!", "-", "--", "—", " NULL ", "null", "none", "None", "NaN"]
)
def test_what_programs_write_for_nothing_is_nothing(nothing):
    head = "Title,Authors,Keywords,Type,Language,Details,URL,Date,ISBN"
    row = only(f"{head}\nT{f',{nothing}' * 8}\n")
    assert row.draft == Draft("T")
    assert row.warnings == (f"“{nothing.strip()}” stands for nothing in this table; such cells were taken as empty.",)


def test_what_stands_for_nothing_is_told_of_once():
    rows = read("Title,Authors,Keywords\nA,NULL,-\nB,NULL,NULL\nC,-,")
    assert [len(row.warnings) for row in rows] == [2, 0, 0]


@pytest.mark.parametrize("title", ["None", "none", "Null", "null", "NaN"])
def test_a_title_may_be_a_word_that_stands_for_nothing_elsewhere(title):
    assert only(f"Title,Year\n{title},2001").draft.title == title


def test_words_that_stand_for_nothing_come_back_where_they_were_meant():
    draft = Draft("NULL", (Name("None"),), country="-", keywords=("N/A",), source="\\N")
    assert only(write(draft)).draft == draft


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("language", "klingon", "The language “klingon” is not known, and is left out."),
        ("language", "klingon/elvish", "The language “klingon/elvish” is not known, and is left out."),
        ("url", "htp:/x", "This is no web address, and is left out: htp:/x"),
        ("url", "javascript:alert(1)", "This is no web address, and is left out: javascript:alert(1)"),
        ("url", f"http://x.org/{'x' * 2000}", f"This is no web address, and is left out: http://x.org/{'x' * 67}…"),
    ],
)
def test_a_language_or_an_address_that_makes_no_sense_costs_no_record(field, value, sentence):
    row = only(f"Title,{field}\nT,{value}\n")
    assert (row.draft, row.problems, row.warnings) == (Draft("T"), (), (sentence,))


def test_a_space_in_an_address_is_encoded():
    assert only("Title,URL\nT,http://x.org/a b.pdf").draft.url == "http://x.org/a%20b.pdf"


@pytest.mark.parametrize("date", ["0000-00-00", "0000-00-00 00:00:00", "00/00/0000"])
def test_a_date_of_noughts_is_none(date):
    row = only(f"Title,Year\nT,{date}")
    assert (row.draft, row.warnings) == (Draft("T"), ())


def test_spreadsheets_are_told_that_it_is_utf_8():
    out = io.BytesIO()
    CSV.write([], out)
    assert out.getvalue().startswith(b"\xef\xbb\xbftitle,authors,")


HEAD = "id\ttitle\tyear\n"


@pytest.mark.parametrize(
    "title",
    ['"Peers', '"Peers" in prison', '"Peers" and "mentors"', 'What "peers" do', '"', '""Peers', 'Peers"'],
)
def test_a_quotation_mark_in_a_table_with_tabs_swallows_no_row(title):
    rows = read(f"{HEAD}1\t{title}\t2001\n2\tOther\t2002\n3\t{title}\t2003\n")
    assert [(row.draft.title, row.draft.year) for row in rows] == [(title, 2001), ("Other", 2002), (title, 2003)]


@pytest.mark.parametrize(
    ("table", "title"),
    [
        (f'{HEAD}1\t"Peers"\t2001\n', "Peers"),
        (f'{HEAD}1\t"""Peers"" in prison"\t2001\n', '"Peers" in prison'),
        (f'{HEAD}1\t"Peers\tin prison"\t2001\n', "Peers in prison"),
        (f'{HEAD}1\t"Peers\n\nin ""the""\nprison"\t2001\n', 'Peers in "the" prison'),
        ('title\tid\tyear\n"Peers\nin prison"\t1\t2001\n', "Peers in prison"),
        ('id\tyear\ttitle\n1\t2001\t"Peers\nin prison"\n', "Peers in prison"),
        ('id\tyear\ttitle\n1\t2001\t"Peers in prison\n', '"Peers in prison'),
    ],
)
def test_a_cell_that_a_spreadsheet_put_between_quotation_marks_is_read_whole(table, title):
    row = only(table)
    assert (row.draft.title, row.draft.year) == (title, 2001)
