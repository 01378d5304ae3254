"""Real MARC files with what is odd in them, read to the rows that stand beside each: see fixtures/samples/marc."""

import io
import json
from pathlib import Path

import pytest

from catalogue.formats import ReadOptions, Row, detect

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples" / "marc"
FILES = sorted(path for path in SAMPLES.rglob("*") if path.suffix in (".dat", ".marc", ".mrc", ".xml"))


def as_json(row: Row) -> dict:
    values = {
        "number": row.number,
        "draft": row.draft.to_dict() if row.draft else None,
        "problems": [f"{problem.field}: {problem.reason}" for problem in row.problems],
        "warnings": list(row.warnings),
        "set_aside": row.set_aside,
    }
    return {name: value for name, value in values.items() if value}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_a_real_file_is_read_to_the_rows_beside_it(path):
    data = path.read_bytes()
    found = [as_json(row) for row in detect(data).read(io.BytesIO(data), ReadOptions())]
    expected = path.with_name(f"{path.name}.json")
    if not expected.exists():
        text = json.dumps(found, ensure_ascii=False, indent=1)
        pytest.fail(f"There is no {expected}. Review this, and save it as that file:\n{text}\n")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_there_are_enough_of_them_and_each_is_explained():
    assert len(FILES) >= 15
    explained = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in FILES if path.name not in explained] == []
    assert all((path.parent / "SOURCE.txt").exists() for path in FILES)
