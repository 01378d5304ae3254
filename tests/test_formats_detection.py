"""Which format a file is in, told from its content; and that no bytes at all break a reader."""

import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.formats import FORMATS, FormatError, ReadOptions, detect, get_format

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples"


def zipped(**files: bytes) -> bytes:
    """Return a zip archive of those files, the same whenever it is made: tests are named after it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def gzipped(content: bytes) -> bytes:
    """Return a gzip archive, the same whenever it is made."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("labelled/rutgers-peer-mentoring.txt", "labelled"),
        ("csv/german-semicolon-windows1252.csv", "csv"),
        ("csv/swedish-utf16.tsv", "tsv"),
        ("csv/pipe.csv", "csv"),
        ("csv/quoted-newlines.csv", "csv"),
        ("ris/example_extraneous_data.ris", "ris"),
        ("ris/example_bom.ris", "ris"),
        ("bibtex/names.bib", "bibtex"),
        ("bibtex/encoding1.bib", "bibtex"),
        ("csljson/zotero.json", "csljson"),
        ("csljson/one-line.json", "csljson"),
        ("marc/pymarc/1251.dat", "marc"),
        ("marc/ruby_marc/marc8_accented_chars.marc", "marc"),
        ("marc/marc2bibframe2/collection.xml", "marcxml"),
    ],
)
def test_samples_are_recognised(path, name):
    assert detect((SAMPLES / path).read_bytes()).name == name


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (b'{"title": "A"}\n{"title": "B"}\n', "jsonl"),
        (b'\xef\xbb\xbf{"title": "A"}', "jsonl"),
        (b"TY  - RPRT\r\nTI  - Title: A\r\nER  - \r\n", "ris"),
        (b"\n1.\nTY - RPRT\nAU - Smith, A\n", "ris"),
        (b"%% Title: A\n% Author: B\n\n@Book (k,\n  title = {A, B}\n)\n", "bibtex"),
        (b"@string{a = {b}}", "bibtex"),
        (b'{"items":[{"id":1,"type":"book"}]}', "csljson"),
        (b"Title: A\nAuthor: me@book{x\nSummary: TY  - x", "labelled"),
        (b"Title\nOne\nTwo\n", "csv"),
        (b"tytul;autor;rok\na;b;1\nc;d;2\n", "csv"),
        (b"Titre du document;Autrice\nA;B\nC;D\n", "csv"),
        (b"Rapport,Wie,Wanneer,Notitie\nEen rapport,Jansen,2001,hallo\n", "csv"),
        (b"Rapport\tWie\nEen rapport\tJansen\n", "tsv"),
        (b'\n<?xml version="1.0"?><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/">', "oai_dc"),
        (b'<x xmlns:dc="http://purl.org/dc/terms/"><record><dc:title>', "oai_dc"),
        ('<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods>'.encode("utf-16"), "mods"),
        (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><record><metadata><m:mods xmlns:m="x">', "mods"),
        (zipped(**{"xl/workbook.xml": b"<a/>"}), "xlsx"),
        (zipped(**{"[Content_Types].xml": b"<a>spreadsheetml.sheet.main+xml</a>"}), "xlsx"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        (zipped(**{"records.csv": b"Title"}), "zip"),
        (zipped(), "zip"),
        (gzipped(b"Title"), "gzip"),
    ],
)
def test_texts_are_recognised(sample, name):
    assert detect(sample).name == name


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"%PDF-1.7", "PDF"),
        (zipped(**{"[Content_Types].xml": b"wordprocessingml", "word/document.xml": b""}), "document of an office"),
        (zipped(mimetype=b"application/epub+zip"), "document of an office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
        (b"Rar!\x1a\x07", "archive"),
        (b"x" * 257 + b"ustar", "archive"),
        (b"\x7fELF\x02", "program"),
        (bytes(range(256)) * 4, "not a text file"),
        (b"Dear library,\nwhat is this?", "labelled"),
        (b"<html><title>,,,</title>", "csv"),
        (b'<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>a</dc:title></rss>', "not in a format"),
        (b"FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Smith, A\nER\n", "not in a format"),
        (b'[{"title": "A"}]', "not in a format"),
    ],
)
def test_other_files_are_refused_in_words(sample, words):
    with pytest.raises(FormatError, match=words):
        detect(sample)


@pytest.mark.parametrize(
    ("sample", "name", "found"),
    [
        (b"Naam\nEen\nTwee\n", "list.csv", "csv"),
        (b"Naam,Wie\nEen\n", "C:\\Files\\LIST.CSV", "csv"),
        (b"Naam\tWie\nEen\n", "list.tsv", "tsv"),
        (b"TY  - RPRT\nTI  - A\nER  - \n", "list.csv", "ris"),
    ],
)
def test_where_nothing_else_fits_a_table_is_told_from_its_name(sample, name, found):
    assert detect(sample, name).name == found


@pytest.mark.parametrize("sample", [b"<html><p>x</p></html>", b'[{"title": "A"}]'])
def test_a_name_makes_no_table_of_another_file(sample):
    with pytest.raises(FormatError, match="not in a format"):
        detect(sample, "list.csv")


def test_what_is_said_to_be_a_table_is_one():
    assert detect(b"Naam\nEen\n", is_table=True).name == "csv"


def test_a_format_that_does_not_exist_names_those_that_do():
    assert get_format(" CSV ").name == "csv"
    with pytest.raises(FormatError, match="marc.*jsonl.*marcxml.*ris.*labelled.*tsv.*csv"):
        get_format("docx")


MARC = b"00060nam a2200037 a 4500245001100000\x1e10\x1faTitle"
SEEDED = [
    zipped(**{"a.csv": b"Title\nx"}),
    gzipped(b"Title\nx"),
    b"<mods>",
    b'<d:dc xmlns:d="http://purl.org/dc/terms/">',
    b"TY  - RPRT\nAB  - ",
    b"@book{k, title = ",
    b"@string{a = ",
    b'[{"type": "book", "title": "',
    b"",
    b"Title,Year\n",
    b"Title: A\nAuthor:",
    b'{"title": "',
    b"sep=;\n",
    b"\xff\xfe",
    b"\xfe\xff",
    b'title\n"',
    MARC,
]


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.sampled_from(SEEDED),
    data=st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "surrogatepass")),
)
def test_no_bytes_raise_anything_but_a_format_error(name, start, data):
    with suppress(FormatError):
        detect(start + data)
    try:
        for row in FORMATS[name].read(io.BytesIO(start + data), ReadOptions()):
            assert row.draft is not None or row.problems or row.set_aside
    except FormatError as error:
        assert str(error)
