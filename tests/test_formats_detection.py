"""Which format a file is in, told from its content; and that no bytes at all break a reader."""

import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.formats import FORMATS, FormatError, ReadOptions, detect, get_format

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("labelled/rutgers-peer-mentoring.txt", "labelled"),
        ("csv/german-semicolon-windows1252.csv", "csv"),
        ("csv/swedish-utf16.tsv", "tsv"),
        ("csv/pipe.csv", "csv"),
        ("csv/quoted-newlines.csv", "csv"),
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
        (b"Title\nOne\nTwo\n", "csv"),
        (b"tytul;autor;rok\na;b;1\nc;d;2\n", "csv"),
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
        (b"PK\x03\x04....[Content_Types].xml", "spreadsheet"),
        (b"PK\x03\x04....a.csv", "archive"),
        (b"\x7fELF\x02", "program"),
        (bytes(range(256)) * 4, "not a text file"),
        (b"Dear library,\nwhat is this?", "labelled"),
        (b"<html><title>,,,</title>", "csv"),
    ],
)
def test_other_files_are_refused_in_words(sample, words):
    with pytest.raises(FormatError, match=words):
        detect(sample)


def test_a_format_that_does_not_exist_names_those_that_do():
    assert get_format(" CSV ").name == "csv"
    with pytest.raises(FormatError, match="marc.*marcxml.*jsonl.*labelled.*tsv.*csv"):
        get_format("docx")


MARC = b"00060nam a2200037 a 4500245001100000\x1e10\x1faTitle"
SEEDED = [
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
