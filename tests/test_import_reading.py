"""The process that reads a large file: what it sends is received ahead, and its end is no end of the file."""

import io
import itertools
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from catalogue import import_reading
from catalogue.draft import Identifier
from catalogue.formats import FormatError, ReadOptions, detect, get_format
from catalogue.formats.base import Row
from tests.environment import ROOT

ROWS = 60_000
FIXTURES = ROOT / "fixtures"


@pytest.fixture
def large_file(tmp_path) -> Path:
    path = tmp_path / "large.csv"
    path.write_text("title,summary\n" + "".join(f"Report {n},{'A summary. ' * 9}\n" for n in range(ROWS)))
    assert path.stat().st_size > import_reading.SMALLEST
    return path


def rows_of(path: Path, at: list[int]) -> Iterator[Row]:
    with path.open("rb") as file:
        yield from import_reading.read(file, get_format("csv"), ReadOptions(), at.append, keep_cells=False)


def reader() -> psutil.Process:
    (found,) = (one for one in psutil.Process().children() if "catalogue.import_reading" in one.cmdline())
    return found


def test_all_rows_come_in_their_order_however_little_is_kept_ahead(large_file, monkeypatch):
    for most in (1, 100_000):
        monkeypatch.setattr(import_reading, "MOST_AHEAD", most)
        at: list[int] = []
        titles = [row.draft.title for row in rows_of(large_file, at)]
        assert titles == [f"Report {n}" for n in range(ROWS)]
        assert at == sorted(at)
        assert at[-1] == large_file.stat().st_size


def test_a_reader_that_is_killed_ends_the_import_with_a_sentence(large_file, monkeypatch):
    monkeypatch.setattr(import_reading, "MOST_AHEAD", 1)
    rows = rows_of(large_file, [])
    next(rows)
    reader().kill()
    with pytest.raises(FormatError, match="could not be read to its end"):
        list(rows)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_part_that_cannot_be_received_is_the_end_and_no_waiting():
    class Full(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise MemoryError

    ahead = import_reading._Ahead(Full())
    assert ahead.take() == b""
    ahead.close()


@pytest.mark.parametrize(
    "sample",
    [
        "samples/marc/ruby_marc/marc8_accented_chars.marc",
        "samples/marc/marc2bibframe2/collection.xml",
        "samples/xlsx/typed-cells.xlsx",
        "samples/ods/luettelo.ods",
        "samples/zip/two-tables.zip",
        "samples/gzip/records.csv.gz",
        "samples/csljson/zotero.json",
        "samples/mods/collection.xml",
        "samples/oai_dc/sickle-ListRecords.xml",
        "samples/ris/example_extraneous_data.ris",
        "samples/bibtex/crossrefs.bib",
        "samples/labelled/rutgers-peer-mentoring.txt",
        "samples/csv/dirty-dates.csv",
        "samples/csv/swedish-utf16.tsv",
        "sample/finnish.jsonl",
    ],
)
def test_each_format_is_read_elsewhere_as_it_is_here(sample, monkeypatch):
    path = FIXTURES / sample
    read = partial(import_reading.read, options=ReadOptions(), moved=lambda _place: None, keep_cells=True)
    file_format = detect(path.read_bytes())
    here = list(read(path.open("rb"), file_format))
    monkeypatch.setattr(import_reading, "SMALLEST", 1)
    assert list(read(path.open("rb"), file_format)) == here != []


def test_few_rows_go_together_where_they_are_long(large_file, monkeypatch):
    monkeypatch.setattr(import_reading, "LONGEST", 300)
    sent: list[tuple] = []
    monkeypatch.setattr(import_reading, "_send_part", lambda _pipe, part: sent.append(part))
    with large_file.open("rb") as file:
        import_reading._send_all(file, io.BytesIO(), (get_format("csv"), ReadOptions(), True))
    assert {len(rows) for _position, rows, _failure in sent[:-1]} == {2}


def test_who_stops_reading_leaves_no_process_and_no_thread_behind(large_file):
    rows = rows_of(large_file, [])
    assert len(list(itertools.islice(rows, 10))) == 10
    process = reader()
    rows.close()
    assert not process.is_running()
    assert not [thread for thread in threading.enumerate() if thread.name == "import"]


def test_what_may_be_a_slip_is_said_of_its_row_and_refuses_nothing(tmp_path):
    path = tmp_path / "slips.csv"
    path.write_text("title,year,isbn\nRight,2012,9780306406157\nWrong,2099,9780306406158\n")
    right, wrong = rows_of(path, [])
    assert right.warnings == right.problems == wrong.problems == ()
    assert wrong.draft.identifiers == (Identifier("isbn", "9780306406158"),)
    of_year, of_isbn = wrong.warnings
    assert "2099 is to come" in of_year
    assert "“9780306406158” is no ISBN" in of_isbn


@pytest.mark.parametrize("cut", [1, 7, 8, 9, 20])
def test_a_part_that_is_cut_short_is_none(cut):
    pipe = io.BytesIO()
    import_reading._send_part(pipe, (1, ("row",) * 5, None))
    assert import_reading._receive_part(io.BytesIO(pipe.getvalue()))
    assert import_reading._receive_part(io.BytesIO(pipe.getvalue()[:cut])) == b""
