"""Sample files and what is to be read of them: `NAME.expected.json` beside each, rows with what was said about them."""

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.formats import FormatError, ReadOptions, detect

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples"
FOLDERS = ("csv", "oai_dc", "mods", "xlsx", "ods", "zip", "gzip")
FILES = sorted(
    path
    for folder in FOLDERS
    for path in (SAMPLES / folder).iterdir()
    if path.suffix not in (".json", ".md") and "LICENSE" not in path.name
)
DAMAGE = [b"<", b"&x;", b"\x00", b"\xff\xfe", b'"', b"\n", b"99999999999", b"-1", b"<!--", b"PK\x03\x04"]


def as_read(path: Path) -> Any:
    """Return what is read of a file, as JSON types; only the error where the file as a whole is refused."""
    with path.open("rb") as file:
        file_format = detect(file.read(65_536))
        file.seek(0)
        try:
            rows = list(file_format.read(file, ReadOptions()))
        except FormatError as error:
            return {"format": file_format.name, "error": str(error)}
    return {
        "format": file_format.name,
        "rows": [
            {
                "row": row.number,
                "record": row.draft.to_dict() if row.draft else None,
                "problems": [f"{problem.field} “{problem.value}”: {problem.reason}" for problem in row.problems],
                "warnings": list(row.warnings),
            }
            for row in rows
        ],
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SAMPLES).as_posix())
def test_a_sample_is_read_as_expected(path):
    found = as_read(path)
    expected = path.with_name(path.name + ".expected.json")
    if not expected.exists():
        shown = json.dumps(found, ensure_ascii=False, indent=1)
        pytest.fail(f"{expected.name} is missing. Review this, and keep it there if it is right:\n{shown}")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_no_expectation_is_left_without_its_sample():
    expectations = [path for folder in FOLDERS for path in (SAMPLES / folder).glob("*.expected.json")]
    assert [
        path.name for path in expectations if not path.with_name(path.name[: -len(".expected.json")]).exists()
    ] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SAMPLES).as_posix())
@settings(max_examples=15)
@given(place=st.integers(0, 30_000), put=st.binary(max_size=4) | st.sampled_from(DAMAGE), removed=st.integers(0, 40))
def test_a_damaged_sample_gives_rows_or_a_sentence(path, place, put, removed):
    data = path.read_bytes()
    place %= len(data) + 1
    damaged = data[:place] + put + data[place + removed :]
    with suppress(FormatError):
        for row in detect(data[:65_536]).read(io.BytesIO(damaged), ReadOptions()):
            assert row.draft or row.problems
