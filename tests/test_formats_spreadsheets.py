"""Excel and OpenDocument spreadsheets: as other programs write and read them, and as hostile files are."""

import datetime
import io
import zipfile

import openpyxl
import pytest
from django.core.management import call_command
from odf.opendocument import OpenDocumentSpreadsheet, load
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import LineBreak, P, S

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FORMATS, FormatError, ReadOptions, Row, detect
from catalogue.formats.spreadsheets import column_name, column_number, number_text

SPACES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def read(data: bytes, **options: object) -> list[Row]:
    return list(detect(data[:65_536]).read(io.BytesIO(data), ReadOptions(**options)))


def excel(*rows: list[object], **sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def written(name: str, *drafts: Draft) -> bytes:
    out = io.BytesIO()
    FORMATS[name].write(drafts, out)
    return out.getvalue()


def with_sheet(xml: str, **parts: str) -> bytes:
    """Return a workbook of ours with another sheet in it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(written("xlsx"))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, xml if name.endswith("sheet1.xml") else old.read(name))
        for name, content in parts.items():
            new.writestr(f"xl/{name}.xml", content)
    return out.getvalue()


def with_content(table: str, manifest: str = "") -> bytes:
    """Return an OpenDocument spreadsheet with that content."""
    out = io.BytesIO()
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        if manifest:
            new.writestr("META-INF/manifest.xml", manifest)
        new.writestr("content.xml", f"<office:document-content{names}>{table}</office:document-content>")
    return out.getvalue()


def test_numbers_and_dates_are_read_as_a_person_would_type_them():
    data = excel(
        ["Title", "Year", "Shelf number", "ISBN", "Report", "Details"],
        ["A", 2012.0, 127419.0, 9780140449136, 17, 0.1 + 0.2],
        ["B", datetime.date(2014, 5, 6), True, 140449132, "0017", None],
        ["C", datetime.datetime(2015, 5, 6, 12, 30), None, None, None, None],
    )
    first, second, third = read(data)
    assert first.draft == Draft(
        title="A",
        year=2012,
        shelf_number="127419",
        details="0.3",
        identifiers=(Identifier("isbn", "9780140449136"), Identifier("report", "17")),
    )
    assert (second.draft.year, second.draft.shelf_number) == (2014, "TRUE")
    assert second.draft.identifiers == (Identifier("isbn", "0140449132"), Identifier("report", "0017"))
    assert "0140449132" in second.warnings[0]
    assert third.draft.year == 2015
    assert [first.number, second.number, third.number] == [2, 3, 4]


def test_a_table_may_begin_below_empty_rows_and_have_empty_rows_in_it():
    data = excel([], [None, None], [None, "Title", "Year"], [], [None, "A", 2001], [], [None, "B", 2002])
    assert [(row.number, row.draft.title, row.draft.year) for row in read(data)] == [(5, "A", 2001), (7, "B", 2002)]


def test_a_sheet_is_chosen_by_name_or_number_and_else_the_first_that_is_not_hidden():
    book = openpyxl.load_workbook(io.BytesIO(excel(["Title"], ["first"], More=[["Title"], ["second"]])))
    book.worksheets[0].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    assert [read(data, **wanted)[0].draft.title for wanted in ({}, {"sheet": "1"}, {"sheet": "more"})] == [
        "second",
        "first",
        "second",
    ]
    for data in (out.getvalue(), written("ods", Draft(title="T"))):
        with pytest.raises(FormatError, match="no sheet “Third”.*(Sheet|Records)"):
            read(data, sheet="Third")


def test_a_formula_is_read_by_its_value_and_one_without_is_said():
    data = with_sheet(
        f'<worksheet {SPACES}><sheetData><row><c t="str"><v>Title</v></c><c t="str"><v>Year</v></c></row>'
        '<row r="7"><c r="A7" t="str"><f>"a"</f><v>Worked out</v></c><c r="B7"><f>1+1</f></c></row>'
        '<row r="8"><c r="A8" t="str"><v>B</v></c><c r="B8" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        "</sheetData></worksheet>"
    )
    first, second = read(data)
    assert (first.number, first.draft.title, first.draft.year) == (7, "Worked out", None)
    assert "B7" in first.warnings[0]
    assert "#DIV/0!" in second.warnings[0]


def test_shared_and_rich_texts_and_their_escapes_are_read():
    data = with_sheet(
        f'<worksheet {SPACES}><sheetData><row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>'
        '<row><c t="s"><v>2</v></c></row><row><c t="s"><v>99</v></c></row></sheetData></worksheet>',
        sharedStrings=f"<sst {SPACES}><si><t>Title</t></si><si><r><t>Two </t></r><r><t>runs</t></r><rPh><t>no</t></rPh>"
        "</si><si><t>a_x005F_x0041_b</t></si></sst>",
    )
    assert [row.draft.title for row in read(data)] == ["Two runs", "a_x0041_b"]


def test_an_open_document_spreadsheet_of_another_program_is_read():
    document = OpenDocumentSpreadsheet()
    table = Table(name="Blatt 1")
    document.spreadsheet.addElement(table)

    def add(*cells: TableCell, **attributes: object) -> None:
        row = TableRow(**attributes)
        for cell in cells:
            row.addElement(cell)
        table.addElement(row)

    def text(value: str) -> TableCell:
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=value))
        return cell

    add(TableCell(), numberrowsrepeated=2)
    add(text("Title"), text("Year"), text("Keywords"))
    paragraph = P(text="Two")
    paragraph.addElement(S(c=1))
    paragraph.addText("lines")
    paragraph.addElement(LineBreak())
    title = TableCell(valuetype="string")
    title.addElement(paragraph)
    add(title, TableCell(valuetype="float", value="2012"), text("a; b"))
    add(text("Dated"), TableCell(valuetype="date", datevalue="2014-05-06"), CoveredTableCell(), numberrowsrepeated=3)
    add(text("Worked out"), TableCell(formula="of:=1+1"))
    out = io.BytesIO()
    document.save(out)
    first, second, third = read(out.getvalue())
    assert first.draft == Draft(title="Two lines", year=2012, keywords=("a", "b"))
    assert (second.number, second.draft.year) == (5, 2014)
    assert "3 times" in second.warnings[0]
    assert (third.number, third.draft.title) == (8, "Worked out")
    assert "B8" in third.warnings[0]


DRAFT = Draft(
    title='=HYPERLINK("http://x") <b> & _x0041_',
    authors=(Name("Fletcher, Del Roy"), Name("Ministry of Justice", "body")),
    summary="First.\n\nSecond.",
    year=2012,
    shelf_number="0127419",
    keywords=("a", "b"),
)


def test_other_programs_read_the_workbook_that_is_written():
    header, row = openpyxl.load_workbook(io.BytesIO(written("xlsx", DRAFT))).active.values
    values = dict(zip(header, row, strict=True))
    assert (values["year"], values["shelf_number"], values["keywords"]) == (2012, "0127419", "a; b")
    assert values["title"].startswith("'=HYPERLINK")
    assert values["summary"] == "First.\n\nSecond."


def test_other_programs_read_the_open_document_spreadsheet_that_is_written():
    document = load(io.BytesIO(written("ods", DRAFT)))
    header, row = document.spreadsheet.getElementsByType(TableRow)
    cells = row.getElementsByType(TableCell)
    assert str(header).startswith("titleauthors")
    assert cells[5].getAttribute("value") == "2012"
    assert [str(part) for part in cells[2].getElementsByType(P)] == ["First.", "", "Second."]


def test_no_cell_is_written_as_a_formula():
    for name in ("xlsx", "ods"):
        data = written(name, DRAFT)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            content = b"".join(archive.read(part) for part in archive.namelist())
        assert b"<f" not in content and b"formula" not in content and b">=H" not in content
        assert [row.draft for row in read(data)] == [DRAFT]


def test_a_text_longer_than_a_cell_of_excel_is_cut_and_shows_it():
    [row] = read(written("xlsx", Draft(title="T", summary="😀" * 20_000)))
    assert row.draft.summary.endswith("😀…")
    assert len(row.draft.summary.encode("utf-16-le")) // 2 <= 32_767


def test_the_same_records_give_the_same_bytes():
    assert written("xlsx", DRAFT) == written("xlsx", DRAFT)


@pytest.mark.parametrize("text", ["2012", "-3", "0.5", "1e+20", "nan", "x"])
def test_numbers_that_are_as_they_should_be_stay(text):
    assert number_text(text) == text


def test_columns_are_named_as_in_a_spreadsheet():
    assert [column_name(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_number(column_name(number)) == number for number in range(0, 2000, 7))


def test_a_million_empty_rows_and_a_cell_in_the_last_are_no_burden():
    empty = "".join(f'<row r="{number}"/>' for number in range(3, 100_000))
    data = with_sheet(
        f'<worksheet {SPACES}><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c t="str"><v>Title</v></c></row>'
        f'{empty}<row r="1048576"><c r="A1048576" t="str"><v>Last</v></c></row></sheetData></worksheet>'
    )
    assert [(row.number, row.draft.title) for row in read(data)] == [(1_048_576, "Last")]
    cell = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = f'<table:table-row table:number-rows-repeated="1048574">{cell}</table:table-row>'
    ods = with_content(f"<table:table>{TITLE_ROW}{rows}{TITLE_ROW}</table:table>")
    assert [(row.number, row.draft.title) for row in read(ods)] == [(1_048_576, "Title")]


TITLE_ROW = "<table:table-row><table:table-cell><text:p>Title</text:p></table:table-cell></table:table-row>"
CELL = '<table:table-cell table:number-columns-repeated="{}"><text:p>x</text:p></table:table-cell>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (excel(["Title", *["x"] * 10_000]), "Row 1 has a value in column 1001"),
        (excel(), "empty"),
        (excel(["Headline"], ["x"]), "title=Headline"),
        (excel(["Title"], ["x"])[:-200], "damaged or was cut off"),
        (with_sheet("<worksheet><sheetData><row>"), "cut off"),
        (with_sheet(f'<worksheet {SPACES}><sheetData><row><c r="XFD1" t="str"><v>Title</v></c></row>'), "column 16384"),
        (with_sheet('<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'), "entities"),
        (with_sheet("<worksheet><row><c t='str'><v>" + "x" * 9_000_000), "longer than 8000000"),
        (with_content("<table:table>"), "mismatched tag"),
        (
            with_content(
                f"<table:table><table:table-row>{CELL.format(99_999_999)}</table:table-row>{TITLE_ROW}</table:table>"
            ),
            "column 1001",
        ),
        (with_content(""), "no sheet"),
        (with_content("", "<m><encryption-data/></m>"), "password"),
    ],
)
def test_a_spreadsheet_that_cannot_be_read_is_refused_in_a_sentence(data, words):
    with pytest.raises(FormatError, match=words):
        read(data)


def test_a_sheet_without_its_part_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written("xlsx"))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist()[:-1]:
            new.writestr(name, old.read(name))
    with pytest.raises(FormatError, match="sheet1.xml.*missing"):
        read(out.getvalue())


@pytest.mark.django_db
def test_the_command_takes_a_sheet_and_says_its_columns(tmp_path, capsys):
    path = tmp_path / "any.name"
    path.write_bytes(excel(["Title"], ["first"], Berichte=[["Titel", "Jahr", "Bemerkung"], ["Zweiter", 2012, "x"]]))
    call_command("import_records", "--sheet", "Berichte", "--dry-run", path)
    said = capsys.readouterr().out
    assert "Titel → title" in said and "Jahr → year" in said and "not used: Bemerkung" in said
    assert "1 would be created" in said


def test_a_caption_above_the_names_of_the_columns_is_passed_over():
    rows = read(excel(["Reports of our institute"], [], ["Titel", "Jahr"], ["One", 2001], ["Two", 2002]))
    assert [(row.number, row.draft.title, row.draft.year) for row in rows] == [(4, "One", 2001), (5, "Two", 2002)]
    one_column = read(excel(["Title"], ["One"], ["Two"]))
    assert [row.draft.title for row in one_column] == ["One", "Two"]
