"""Zip and gzip archives of records: what is read of them, and archives that are damaged or mean harm."""

import io
import struct
import zipfile

import pytest

from catalogue.draft import Draft
from catalogue.formats import FORMATS, WRITTEN, FormatError, ReadOptions, Row, archives, detect
from tests.environment import ROOT
from tests.test_formats_detection import gzipped, zipped

CSV = b"Title,Year\nA,2001\n"


def read(data: bytes, **options: object) -> list[Row]:
    return list(detect(data[:65_536]).read(io.BytesIO(data), ReadOptions(**options)))


class Pipe(io.RawIOBase):
    """Bytes that come a few at a time and cannot be rewound."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 100) if size > 0 else size)


def written(name: str) -> bytes:
    out = io.BytesIO()
    FORMATS[name].write([Draft(title="A", year=2001)], out)
    return out.getvalue()


@pytest.mark.parametrize("name", list(WRITTEN))
def test_any_format_is_read_out_of_an_archive(name):
    for packed in (zipped(data=written(name)), gzipped(written(name))):
        [row] = read(packed)
        assert (row.draft.title, row.draft.year) == ("A", 2001)
        [again] = detect(packed).read(Pipe(packed), ReadOptions())
        assert again == row


def test_options_reach_the_file_in_the_archive():
    row, _other = read(
        zipped(a=b"Headline|Year|Kind\nA|2001|\nB|2002|\n"), mapping={"title": "Headline"}, delimiter="|"
    )
    assert row.draft == Draft(title="A", year=2001)


def test_several_files_are_read_in_the_order_of_their_names_and_named_in_what_is_said():
    files = {
        "part 10.csv": b"Title,Year\nC,soon\n",
        "part 2.csv": b"Title,Year\nA,2001-2002\nB,2003\n",
        "folder/": b"",
        "__MACOSX/._part 2.csv": b"\x00\x05\x16\x07",
        ".DS_Store": b"\x00",
    }
    first, second, third = read(zipped(**files))
    assert [row.draft.title for row in (first, second, third)] == ["A", "B", "C"]
    assert [row.number for row in (first, second, third)] == [2, 3, 5]
    assert first.warnings[0].startswith("part 2.csv, row 2: ")
    assert third.warnings[0].startswith("part 10.csv, row 2: ")


def test_what_is_no_file_of_records_is_passed_over_with_a_warning():
    files = {
        "README.txt": b"Our records, as of today.\nHave fun.",
        "a.csv": CSV,
        "b.pdf": b"%PDF-1.7",
        "d.csv": CSV,
        "e.html": b"<html>",
        "LICENSE": b"Free.",
    }
    first, second = read(zipped(**files))
    assert (first.number, second.number, second.warnings) == (2, 4, ())
    assert first.warnings == (
        "In the archive these are no files of records, and were passed over: b.pdf, e.html, LICENSE, README.txt",
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [("b.mrc", b"00\x00\x01\xff" * 50), ("c.xml", b"<broken"), ("d.CSV", b""), ("e.txt", b"No records.")],
)
def test_a_file_that_should_hold_records_and_cannot_be_told_stops_the_reading(name, content):
    with pytest.raises(FormatError, match=name):
        read(zipped(**{"a.csv": CSV, name: content}))


def test_a_workbook_that_is_stored_in_an_archive_does_not_make_it_a_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("b.xlsx", written("xlsx"))
        archive.writestr("c.ods", written("ods"))
    assert detect(out.getvalue()).name == "zip"
    assert [row.draft.title for row in read(out.getvalue())] == ["A"] * 3


def encrypted() -> bytes:
    data = bytearray(zipped(**{"a.csv": CSV}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    return bytes(data)


def with_wrong_checksum() -> bytes:
    data = bytearray(zipped(**{"a.csv": CSV}))
    for signature, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        struct.pack_into("<I", data, data.index(signature) + place, 1)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped(), "no file"),
        (zipped(**{"a/": b""}), "no file"),
        (zipped(**{".": b"Title"}), "no file"),
        (zipped(abc=b"Title").replace(b"abc", b"\x00bc"), "no file"),
        (zipped(**{"a.csv": CSV})[:-30], "damaged or was cut off"),
        (gzipped(CSV * 20)[:-20], "damaged or was cut off"),
        (gzipped(CSV)[:-8] + b"12345678", "damaged or was cut off"),
        (with_wrong_checksum(), "a.csv.*damaged"),
        (encrypted(), "password"),
        (zipped(**{"../../etc/a.csv": CSV}), "outside its folder"),
        (zipped(**{"/etc/a.csv": CSV}), "outside its folder"),
        (zipped(**{"a\\..\\b.csv": CSV}), "outside its folder"),
        (zipped(**{"a.zip": zipped(b=CSV)}), "archive within the archive"),
        (zipped(**{"a.csv.gz": gzipped(CSV)}), "archive within the archive"),
        (gzipped(zipped(a=CSV)), "archive within the archive"),
        (gzipped(b"x" * 257 + b"ustar"), "Unpack it"),
        (zipped(**{"b.pdf": b"%PDF-1.7"}), "b.pdf.*PDF"),
        (zipped(**{"README.txt": b"Hello.", "empty.csv": b""}), "empty.csv.*empty"),
        (zipped(**{"a.csv": CSV, "b.csv": b'Title,Year\n"A,2001\n'}), "b.csv.*quotation mark"),
        (gzipped(b"\x89PNG\r\n\x1a\n"), "image"),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused_in_a_sentence(data, words):
    with pytest.raises(FormatError, match=words):
        read(data)


@pytest.mark.parametrize("pack", [gzipped, lambda data: zipped(**{"a.csv": data})])
def test_what_unpacks_to_far_more_than_it_is_is_not_read_to_the_end(pack, monkeypatch):
    monkeypatch.setattr(archives, "LITTLE", 0)
    with pytest.raises(FormatError, match="unpacks to more than"):
        read(pack(b"Title\n" + (b"x" * 999 + b"\n") * 3_000))


def test_an_archive_of_very_many_files_is_refused(monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with pytest.raises(FormatError, match="more than 3 files"):
        read(zipped(**{f"{number}.csv": CSV for number in range(4)}))


def test_files_that_together_unpack_to_too_much_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", 50)
    with pytest.raises(FormatError, match="unpacks to more than"):
        read(zipped(**{f"{number}.csv": CSV for number in range(3)}))


def test_a_row_of_several_files_is_all_that_it_was():
    authority = (ROOT / "fixtures/samples/marc/folio_data_import/authorities-first-3-of-2500.mrc").read_bytes()
    rows = read(zipped(**{"a.mrc": authority, "b.csv": CSV}))
    assert [row.set_aside.partition(", row ")[0] for row in rows] == ["a.mrc", "a.mrc", "a.mrc", ""]
    assert (rows[3].number, rows[3].cells, rows[3].cleaned) == (rows[2].number + 2, ("A", "2001"), True)
