"""What the tests of RIS, BibTeX and CSL-JSON share: Drafts that hypothesis makes up, real files with the Drafts that
they should give, and damage done to them.
"""

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies as st

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean, is_orcid
from catalogue.formats import FORMATS, FormatError, ReadOptions, Row, get_format

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SAMPLES = FIXTURES / "samples"

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    (
        "None",
        "TY  - BOOK",
        "ER  - ",
        "a\nER  - \nTY  - JOUR",
        "}\n\n@article{x, title = {y}}",
        "@article{x",
        "50 % of {all} \\LaTeX $a_b$ ~^#&",
        '"quoted", = {',
        "\\\\{}",
        "trailing \\",
        "Identifier: a: b",
        "<i>x</i>",
        "\\url{x}",
        "????",
    )
)
# In RIS a comma or a full stop says what is whose name, a ";" divides names.
HEADING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=";,.[]()0…"), min_size=1, max_size=40)
NAMES = st.sampled_from(
    ("Fletcher, Del Roy", "Ministry of Justice", "King, Martin, Jr.", "Mill, John Stuart, 1806-1873", "Ü, É", "Plato")
)
ODD_NAMES = st.sampled_from(
    ("A, B and C, D", "others", "Smith and Sons", "{x}, y", "a, b, c, d", ", a", "x,y", "Van, A")
)
VALUES = TEXT | st.sampled_from(("10.1/x;y", "978-3-16-148410-0", "2049-3630", "NBS BH 10", "12"))


def drafts(names: st.SearchStrategy[str]) -> st.SearchStrategy[Draft]:
    """Return any Draft that can be exported, its authors made of those names."""
    kinds, orcids = st.sampled_from((codes.PERSON, codes.BODY)), st.sampled_from(("", "0000-0002-1825-0097"))
    schemes = st.sampled_from(("doi", "isbn", "issn", "report", "source", "handle"))
    return st.builds(
        Draft,
        title=TEXT.map("T{}".format),
        authors=st.lists(st.builds(Name, names, kinds, orcids), max_size=3).map(tuple),
        summary=st.text(max_size=200) | TEXT,
        details=TEXT | st.sampled_from(("Leeds, UK: Leeds Press, 2001. 12p.", "Leeds: {Press}, 2001.")),
        source=TEXT,
        year=st.none() | st.integers(1, 2100),
        country=TEXT,
        url=st.sampled_from(("", "https://example.org/ä?b=1;c&d=e_%20~x#y@z", "ftp://example.org")),
        shelf_number=TEXT,
        keywords=st.lists(TEXT | st.sampled_from(("a, b", "c; d", "{e, f")), max_size=4).map(tuple),
        language=st.sampled_from(("", "en", "smn")),
        kind=st.sampled_from(("", *codes.KINDS)),
        rights=TEXT,
        identifiers=st.lists(st.builds(Identifier, schemes, VALUES), max_size=4).map(tuple),
    ).map(clean)


def sample(every: int = 1) -> list[Draft]:
    """Return the records of the sample catalogue, or one of so many."""
    found = []
    for name in ("seed.jsonl", "finnish.jsonl"):
        lines = (FIXTURES / "sample" / name).read_text(encoding="utf-8").splitlines()
        found += [clean(Draft.from_dict(json.loads(line))) for line in lines]
    with (FIXTURES / "sample" / "justice.csv").open("rb") as file:
        found += [row.draft for row in FORMATS["csv"].read(file, ReadOptions()) if row.draft]
    return found[::every]


def write(name: str, written: list[Draft]) -> str:
    """Return the text that these Drafts are in a format."""
    out = io.BytesIO()
    get_format(name).write(written, out)
    return out.getvalue().decode()


def read(name: str, text: str | bytes, **options: str) -> list[Row]:
    """Return the rows of a text."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return list(FORMATS[name].read(io.BytesIO(data), ReadOptions(**options)))


def only(name: str, text: str | bytes) -> Draft:
    """Return the one Draft of a text, which has no problem."""
    [row] = read(name, text)
    assert row.draft is not None
    assert not row.problems
    return row.draft


def back(name: str, written: list[Draft]) -> list[Draft]:
    """Return what is read of Drafts once they were written."""
    rows = read(name, write(name, written)) if written else []
    assert not [row.problems for row in rows if row.problems]
    return [in_order(row.draft) for row in rows if row.draft]


def in_order(draft: Draft) -> Draft:
    """Return the Draft with its identifiers sorted: the formats have an order of their own for them."""
    return clean(Draft.from_dict({**draft.to_dict(), "identifiers": sorted_identifiers(draft)}))


def sorted_identifiers(draft: Draft) -> list[dict[str, str]]:
    """Return the identifiers as JSON, sorted."""
    pairs = sorted({(item.scheme, item.value) for item in draft.identifiers})
    return [{"scheme": scheme, "value": value} for scheme, value in pairs]


def without_orcid(name: Name) -> Name:
    """Return the name as formats have it that know no ORCID."""
    return Name(name.heading, name.kind) if is_orcid(name.orcid) or not name.orcid else name


def golden(name: str) -> list[Path]:
    """Return the real files of a format."""
    return sorted(
        path for path in (SAMPLES / name).iterdir() if path.suffix in {f".{one}" for one in FORMATS[name].extensions}
    )


def check_golden(name: str, path: Path) -> None:
    """Compare what a file gives with what lies beside it; where nothing does, print what is to be reviewed and kept."""
    expected = path.with_name(path.name + ".expected")
    found = [
        {
            "number": row.number,
            "draft": row.draft.to_dict() if row.draft else None,
            "problems": [[problem.field, problem.value, problem.reason] for problem in row.problems],
            "warnings": list(row.warnings),
        }
        for row in FORMATS[name].read(io.BytesIO(path.read_bytes()), ReadOptions())
    ]
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    assert expected.exists(), (
        f"Nothing says what {path.name} should give. Review this, and keep it as {expected}:\n{text}"
    )
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def mutations(seed: int, files: list[Path], count: int) -> Iterator[bytes]:
    """Yield damaged copies of files: bytes changed, cut out, repeated, put in, or the end lost."""
    chance = random.Random(seed)
    originals = [path.read_bytes()[:20_000] for path in files]
    for _number in range(count):
        data = bytearray(chance.choice(originals))
        for _change in range(chance.randint(1, 8)):
            at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 2, 10, 200))
            piece = data[at : at + length]
            data[at : at + chance.choice((0, length))] = chance.choice(
                (b"", piece * 3, chance.randbytes(length), chance.choice(INSERTED))
            )
        yield bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.2 else data)


INSERTED = (
    b"{", b"}", b'"', b"@", b"\\", b"\x00", b"\xff", b"\r", b"\n", b"\nTY  - ", b"\nER  - ", b"@article{",
    b"@string{a = ", b"{" * 500, b"}" * 500, b"\\'", b"$", b" and ", b",", b"=", b"#", b"%", b"crossref = {a}",
    b"\xef\xbb\xbf", b"[", b"]", b"\\ud800", b"1e999", b"null", b":", b"\xc3\xa9", b"\xe2\x80\xa8", b"\xff\xfe",
)  # fmt: skip


def endure(name: str, data: bytes) -> None:
    """Read damaged bytes: every row has a draft or says why not, and a file that is refused is so in words."""
    try:
        for row in FORMATS[name].read(io.BytesIO(data), ReadOptions()):
            assert row.draft is not None or row.problems
    except FormatError as error:
        assert str(error)
