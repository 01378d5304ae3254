"""RIS and BibTeX: what is written is read back by the libraries that others read it with, field by field."""

import io
import json
import re
from pathlib import Path

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import SeparateCoAuthors
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pylatexenc import latex2text

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean, clean_line
from catalogue.formats import FORMATS, FormatError, ReadOptions, detect, get_format
from catalogue.formats.bibtex import key
from catalogue.formats.identifiers import RECORD
from catalogue.imprint import Imprint, read_imprint

SAMPLE = Path(__file__).resolve().parent.parent / "fixtures" / "sample"
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
    )
)
NAMES = st.sampled_from(
    (
        "Fletcher, Del Roy",
        "Ministry of Justice",
        "A, B and C, D",
        "others",
        "King, Martin, Jr.",
        "Smith and Sons",
        "Ü, É",
    )
)
DRAFTS = st.builds(
    Draft,
    title=TEXT.map("T{}".format),
    authors=st.lists(st.builds(Name, TEXT | NAMES, st.sampled_from((codes.PERSON, codes.BODY))), max_size=3).map(tuple),
    summary=st.text(max_size=200) | TEXT,
    details=TEXT | st.sampled_from(("Leeds, UK: Leeds Press, 2001. 12p.", "Leeds: {Press}, 2001.")),
    source=TEXT,
    year=st.none() | st.integers(1, 2100),
    country=TEXT,
    url=st.sampled_from(("", "https://example.org/ä?b=1;c&d={e}_%20~x#y@z", "ftp://example.org")),
    shelf_number=TEXT,
    keywords=st.lists(TEXT | st.sampled_from(("a, b", "c; d")), max_size=4).map(tuple),
    language=st.sampled_from(("", "en", "smn")),
    kind=st.sampled_from(("", *codes.KINDS)),
    rights=TEXT,
    identifiers=st.lists(
        st.builds(Identifier, st.sampled_from(("doi", "isbn", "issn", "report", "source", "handle")), TEXT), max_size=4
    ).map(tuple),
).map(clean)


def write(name: str, drafts: list[Draft]) -> str:
    out = io.BytesIO()
    get_format(name).write(drafts, out)
    return out.getvalue().decode()


def sample() -> list[Draft]:
    drafts = []
    for name in ("seed.jsonl", "finnish.jsonl"):
        lines = (SAMPLE / name).read_text(encoding="utf-8").splitlines()
        drafts += [clean(Draft.from_dict(json.loads(line))) for line in lines]
    with (SAMPLE / "justice.csv").open("rb") as file:
        drafts += [row.draft for row in FORMATS["csv"].read(file, ReadOptions()) if row.draft]
    return drafts


# RIS


def check_ris(draft: Draft, found: dict) -> None:
    def same(key: str, expected: object) -> None:
        assert found.get(key, [] if isinstance(expected, list) else "") == expected, (key, draft)

    same("title", draft.title)
    same("authors", [name.heading for name in draft.authors])
    same("abstract", clean_line(draft.summary))
    same("keywords", list(draft.keywords))
    same("year", "" if draft.year is None else f"{draft.year:04d}")
    same("language", draft.language)
    same("call_number", draft.shelf_number)
    # rispy takes a semicolon in an address for the end of it.
    assert ";".join(found.get("urls", [])) == draft.url
    notes = found.get("notes", [])
    for label in ("details", "source", "country", "rights"):
        value = getattr(draft, label)
        assert (f"{label.capitalize()}: {value}" in notes) == bool(value)
    for item in draft.identifiers:
        tagged = [found.get(name) for name in ("doi", "issn", "note")]
        assert item.value in tagged or f"{item.scheme}: {item.value}" in notes
    imprint = read_imprint(draft.details)
    same("publisher", imprint.publisher)
    same("place_published", imprint.place)
    assert "unknown_tag" not in found


def test_every_record_of_the_sample_comes_back_from_ris():
    drafts = sample()
    found = rispy.loads(write("ris", drafts))
    assert len(found) == len(drafts) > 2_000
    for draft, record in zip(drafts, found, strict=True):
        check_ris(draft, record)


@settings(max_examples=80, deadline=None)
@given(st.lists(DRAFTS, max_size=3))
@example([Draft(title="a", summary="b\nER  - \nTY  - JOUR\nTI  - c"), Draft(title="TY - BOOK")])
def test_any_record_comes_back_from_ris(drafts):
    text = write("ris", drafts)
    found = rispy.loads(text)
    assert len(found) == len(drafts)
    for draft, record in zip(drafts, found, strict=True):
        check_ris(draft, record)
    for record in text.split("\r\n\r\n")[:-1]:
        tags = [line[:2] for line in record.split("\r\n")]
        assert (tags[0], tags.count("TY"), tags[-1], tags.count("ER")) == ("TY", 1, "ER", 1)
        assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - \S.*", line) for line in record.split("\r\n")[:-1])


@pytest.mark.parametrize("kind", ["", *codes.KINDS])
def test_what_is_not_known_leaves_no_trace(kind):
    text = write("ris", [Draft(title="A report", kind=kind)])
    kind_line, *rest = text.split("\r\n")
    assert kind_line.startswith("TY  - ")
    assert rest == ["TI  - A report", "ER  - ", "", ""]
    assert re.fullmatch(r"@[a-z]+\{anonndreport,\n  title = \{A report\}\n\}\n\n", write("bibtex", [Draft("A report")]))


def test_a_report_is_one_for_reference_managers_too():
    types = {kind: write("ris", [Draft("x", kind=kind)])[6:].split("\r")[0] for kind in ("report", "thesis", "web")}
    assert types == {"report": "RPRT", "thesis": "THES", "web": "ELEC"}


def test_the_address_of_the_record_stands_in_for_one_of_the_document():
    own = (Identifier(RECORD, "https://library.example/records/42"),)
    without = rispy.loads(write("ris", [Draft("x", identifiers=own)]))[0]
    assert (without["id"], without["urls"]) == ("42", ["https://library.example/records/42"])
    record = rispy.loads(write("ris", [Draft("x", url="https://example.org/a", identifiers=own)]))[0]
    assert record["urls"] == ["https://example.org/a"]
    assert record["notes"] == ["record: https://library.example/records/42"]


# BibTeX


MACROS = latex2text.get_default_latex_context_db()
MACROS.add_context_category(
    "braces",
    prepend=True,
    macros=[
        latex2text.MacroTextSpec("textbraceleft", simplify_repl="{"),
        latex2text.MacroTextSpec("textbraceright", simplify_repl="}"),
    ],
)
LATEX = re.compile(r"[\\{}~$%#&^_]|--|<<|>>|,,|''|``|[!?]`")
DECODER = latex2text.LatexNodes2Text(latex_context=MACROS)


def read_bibtex(text: str) -> list[dict[str, object]]:
    library = bibtexparser.parse_string(text, append_middleware=[SeparateCoAuthors()])
    assert not library.failed_blocks, library.failed_blocks
    assert not library.comments
    return [{"key": entry.key, **{one.key: one.value for one in entry.fields}} for entry in library.entries]


def plain(text: str) -> str:
    return " ".join(text.split())


def decoded(latex: str) -> str:
    """Return what LaTeX prints for a value. The decoder takes \\textasciicircum for the accent without its letter."""
    text = DECODER.latex_to_text(latex) if LATEX.search(latex) else latex
    return plain(text.replace("ˆ", "^"))


def check_bibtex(draft: Draft, found: dict) -> None:
    def same(name: str, expected: str) -> None:
        assert decoded(found.get(name, "")) == plain(expected.replace("ˆ", "^")), (name, draft)

    same("title", draft.title)
    authors = found.get("author", [])
    assert [decoded(one) for one in authors] == [plain(name.heading.replace("ˆ", "^")) for name in draft.authors], draft
    same("abstract", clean_line(draft.summary))
    same("year", "" if draft.year is None else f"{draft.year:04d}")
    same("note", draft.details)
    same("howpublished", draft.source)
    same("country", draft.country)
    same("shelfnumber", draft.shelf_number)
    same("language", draft.language)
    same("rights", draft.rights)
    same("keywords", ", ".join(draft.keywords))
    assert re.fullmatch(r"[a-z0-9-]+", found["key"])


def verbatim(text: str) -> dict[str, str]:
    """Return the addresses of the file, which are no LaTeX."""
    return dict(re.findall(r"^  (url|doi) = \{(.*)\},?$", text, re.MULTILINE))


def test_every_record_of_the_sample_comes_back_from_bibtex():
    drafts = sample()
    found = read_bibtex(write("bibtex", drafts))
    assert len(found) == len(drafts)
    assert len({entry["key"] for entry in found}) == len(drafts)
    for draft, record in zip(drafts, found, strict=True):
        check_bibtex(draft, record)
        if draft.url:
            assert verbatim(write("bibtex", [draft]))["url"] == draft.url


@settings(max_examples=80, deadline=None)
@given(st.lists(DRAFTS, max_size=3))
@example([Draft(title="}\n@book{x,"), Draft(title="\\"), Draft(title="@misc{"), Draft(title="{")])
def test_any_record_comes_back_from_bibtex(drafts):
    text = write("bibtex", drafts)
    assert text.count("{") == text.count("}")
    found = read_bibtex(text)
    assert len(found) == len({entry["key"] for entry in found}) == len(drafts)
    for draft, record in zip(drafts, found, strict=True):
        check_bibtex(draft, record)


def test_keys_are_made_of_author_year_and_title():
    seed = Draft("Offender Peer Interventions", (Name("Fletcher, Del Roy"),), year=2012)
    assert key(seed) == "fletcher2012offender"
    assert key(Draft("The Évaluation", (Name("Ministry of Justice", codes.BODY),))) == "ministryndevaluation"
    assert key(Draft("Über Größe", (Name("Ånström-Łukasz, É"),), year=1)) == "anstromlukasz0001uber"
    assert key(Draft("中文", (Name("王, 小明"),))) == "anonnd"
    keys = [entry["key"] for entry in read_bibtex(write("bibtex", [seed, seed, Draft("x"), seed]))]
    assert keys == ["fletcher2012offender", "fletcher2012offender-2", "anonndx", "fletcher2012offender-3"]


def test_bodies_are_not_turned_round():
    text = write("bibtex", [Draft("x", (Name("Leeds, School of Law", codes.BODY), Name("Fletcher, Del Roy")))])
    assert "author = {{Leeds, School of Law} and Fletcher, Del Roy}" in text


def test_what_must_keep_its_capitals_keeps_them():
    assert "title = {The {NHS} in the {U.K.} and A\\_B}" in write("bibtex", [Draft("The NHS in the U.K. and A_B")])


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("a {b} c", r"a \{b\} c"),
        ("a }b{ c", r"a {\textbraceright}b{\textbraceleft} c"),
        ("a {b", r"a {\textbraceleft}b"),
        ("a @b", "a {@}b"),
        ("a -- b", "a -{}- b"),
        ("a\\b", r"a{\textbackslash}b"),
        ("5 % of $1 & #2", r"5 \% of \$1 \& \#2"),
    ],
)
def test_what_latex_would_obey_is_written_so_that_it_does_not(title, written):
    assert f"title = {{{written}}}" in write("bibtex", [Draft(title)])


# Both


@pytest.mark.parametrize("name", ["ris", "bibtex"])
def test_they_are_written_only(name):
    written = get_format(name)
    with pytest.raises(FormatError, match="cannot be read"):
        list(written.read(io.BytesIO(b"TY  - RPRT\n"), ReadOptions()))
    with pytest.raises(FormatError):
        detect(b"TY  - RPRT\nTI  - x\nER  - \n")
    assert name not in FORMATS


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("Sheffield, UK: Sheffield Hallam University, CRESR, 2012. 26p.",
         Imprint("Sheffield, UK", "Sheffield Hallam University, CRESR", "26p")),
        ("Oulun yliopisto, 2021.", Imprint("", "Oulun yliopisto", "")),
        ("St. Louis, MO: U.S. Department of Justice, 1998. 12 pages",
         Imprint("St. Louis, MO", "U.S. Department of Justice", "12 pages")),
        ("Final Report: the second year, 2012.", Imprint()),
        ("Parallel title (Swedish): Ansvarsrapport 2022.", Imprint()),
        ("Keva.", Imprint()),
        ("", Imprint()),
        ("2012. 26p.", Imprint()),
        ("A report. It says: this, 2012.", Imprint()),
        ("x" * 5_000 + ", 2012.", Imprint()),
    ],
)  # fmt: skip
def test_an_imprint_is_read_only_where_it_is_surely_one(details, expected):
    assert read_imprint(details) == expected
