"""What is written is read back: everything through JSON lines, and the rest as far as each format can say it."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import codes
from catalogue.cleaning import repaired
from catalogue.draft import Draft, Identifier, Name, clean, clean_line
from catalogue.formats import FORMATS, WRITTEN, ReadOptions
from catalogue.formats.names import guess_name

ORCIDS = ("", "0000-0002-1825-0097", "0000-0001-5109-3700")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
# In tables and labelled text a ";" divides names and identifiers, and "[person]" or an ORCID at the end is a mark.
HEADING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=";[]()0"), max_size=40) | st.sampled_from(
    ("Fletcher, Del Roy", "Ministry of Justice", "A, B and C, D", "A|B", "RAND", "Shelter and Others")
)
# A name that ends in a comma is not told from one with a comma before its mark.
NAME = st.builds(
    Name,
    HEADING.filter(lambda heading: not heading.strip().endswith(",")),
    st.sampled_from((codes.PERSON, codes.BODY)),
    st.sampled_from(ORCIDS),
)
URL = st.sampled_from(("", "https://example.org/ä?b=1;c", "ftp://example.org"))
PLAIN = {
    "title": TEXT,
    "authors": st.lists(NAME, max_size=3).map(tuple),
    # Both formats of XML write the publisher besides.
    "details": TEXT | st.sampled_from(("Leeds, UK: Leeds Press, 2001. 12p.", "Leeds Press, 2001")),
    "source": TEXT,
    "year": st.none() | st.integers(1, 2100),
    "country": TEXT,
    "url": URL,
    "shelf_number": TEXT,
    "language": st.sampled_from(("", "en", "fi", "smn")),
    "kind": st.sampled_from(("", *codes.KINDS)),
    "rights": TEXT,
}
# Identifiers come back in the order of their schemes.
SCHEMES = ("isbn", "issn", "doi", "report")
VALUES = st.integers(1, 10**9).map("10.1/{}".format)
IDENTIFIERS = st.tuples(
    *(st.lists(st.builds(Identifier, st.just(scheme), VALUES), max_size=2) for scheme in (*SCHEMES, "source", "handle"))
).map(lambda lists: tuple(item for items in lists for item in items))


def undamaged(draft: Draft) -> bool:
    """Tell whether a reader takes the values as they are: letters by chance may look garbled, and would be repaired."""
    return repaired(draft) == (draft, ())


ANYTHING = st.builds(
    Draft,
    **{**PLAIN, "authors": st.lists(st.builds(Name, TEXT, TEXT.map("k{}".format), TEXT), max_size=3).map(tuple)},
    summary=st.text(max_size=200),
    keywords=st.lists(TEXT, max_size=4).map(tuple),
    identifiers=st.lists(st.builds(Identifier, TEXT, TEXT), max_size=3).map(tuple),
    status=st.sampled_from(tuple(codes.STATUSES)),
    withdrawn_reason=TEXT,
    replaced_by=st.none() | st.integers(1),
).map(clean)
IN_TABLES = (
    st.builds(
        Draft,
        **{**PLAIN, "title": TEXT | st.sampled_from(("Catch me,", "What is E =", "A :", "A /", "A / /", "/ /", "/"))},
        summary=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
        keywords=st.lists(HEADING, max_size=4).map(tuple),
        identifiers=IDENTIFIERS,
        status=st.sampled_from(tuple(codes.STATUSES)),
        withdrawn_reason=TEXT,
        replaced_by=st.none() | st.integers(1, 10**12),
    )
    .map(clean)
    .filter(undamaged)
)
# Labelled text has no status, and a paragraph of a summary is one line. A record without any value is no record.
IN_LABELLED_TEXT = (
    st.builds(
        Draft,
        **{**PLAIN, "title": TEXT.map("T{}".format)},
        summary=st.lists(
            TEXT | st.sampled_from(("Title: x", "\\Author:", "• y", "Centenial Celebration")), max_size=4
        ).map(lambda paragraphs: "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)),
        keywords=st.lists(TEXT | st.sampled_from(("Year: 1", "a; b")), max_size=4).map(tuple),
        identifiers=IDENTIFIERS,
    )
    .map(clean)
    .filter(undamaged)
)

# MODS says the kind and the ORCID of an author; neither it nor Dublin Core has a status.
IN_MODS = (
    st.builds(
        Draft,
        **PLAIN,
        summary=st.lists(TEXT, max_size=3).map("\n".join),
        keywords=st.lists(TEXT, max_size=4).map(tuple),
        identifiers=IDENTIFIERS,
    )
    .map(clean)
    .filter(undamaged)
)
# Dublin Core has only the heading of an author; a lone keyword or author is divided at a ";".
IN_DUBLIN_CORE = (
    st.builds(
        Draft,
        **{
            **PLAIN,
            "authors": st.lists(
                HEADING.map(clean_line).map(guess_name).filter(lambda name: not name.orcid), max_size=3
            ).map(tuple),
        },
        summary=st.lists(TEXT, max_size=3).map("\n".join),
        keywords=st.lists(HEADING, max_size=4).map(tuple),
        identifiers=IDENTIFIERS,
    )
    .map(clean)
    .filter(undamaged)
)

# MARC parts headings and titles at their punctuation: none of its marks can end one. It has no drafts and no reasons of
# withdrawal, and one paragraph a field. Numbers come back in the order of their fields.
UNMARKED = TEXT.map(lambda text: clean_line(text).rstrip(",;:/= "))
MARC_NAMES = st.builds(
    Name,
    UNMARKED | st.sampled_from(("Fletcher, Del Roy", "Ministry of Justice", "King, Martin, Jr.", "A. B. (C : D)")),
    st.sampled_from((codes.PERSON, codes.BODY)),
    st.sampled_from(ORCIDS),
)
MARC_DETAILS = TEXT | st.sampled_from(
    (
        "Leeds, UK: Leeds Press, 2001. 12p.",
        "Leeds Press, 2001",
        "Leeds: Press, c2001. xii, 26 p. : ill. ; 30 cm. — (Series; 12) — Other title: X — A note",
        "2001 — ()",
        "a — b —  — c",
    )
)
MARC_NUMBERS = st.fixed_dictionaries(
    {
        "source": st.lists(st.sampled_from(("(XX)1", "seed:2", "3", "(A B) 4", "(Y)")), max_size=3),
        "isbn": st.lists(st.sampled_from(("9789526841274", "0-471-38314-X", "no ISBN")), max_size=2),
        "issn": st.lists(st.just("0028-0836"), max_size=1),
        "doi": st.lists(VALUES, max_size=2),
        "handle": st.lists(VALUES, max_size=1),
        "report": st.lists(TEXT, max_size=2),
    }
).map(lambda found: tuple(Identifier(scheme, value) for scheme, values in found.items() for value in values))
IN_MARC = (
    st.builds(
        Draft,
        **{
            **PLAIN,
            "title": UNMARKED | st.sampled_from(("Peers: what we know", "A : B", "= A: = B", "The end.", "A: B: C")),
            "authors": st.lists(MARC_NAMES, max_size=3).map(tuple),
            "details": MARC_DETAILS,
            "country": TEXT | st.sampled_from(("United Kingdom", "Chile", "England", "International")),
            "language": st.sampled_from(("", "en", "smn", "af")),
        },
        summary=st.lists(TEXT, max_size=4).map(
            lambda paragraphs: "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
        ),
        keywords=st.lists(
            UNMARKED | st.sampled_from(("Peers -- Great Britain", "a -- ", " -- b", "A (B)")), max_size=4
        ).map(tuple),
        identifiers=MARC_NUMBERS,
        status=st.sampled_from((codes.PUBLISHED, codes.WITHDRAWN)),
    )
    .map(clean)
    .filter(undamaged)
)


def back(name: str, drafts: list[Draft]) -> list[Draft | None]:
    out = io.BytesIO()
    FORMATS[name].write(drafts, out)
    rows = list(FORMATS[name].read(io.BytesIO(out.getvalue()), ReadOptions()))
    assert not [row.problems for row in rows if row.problems]
    return [row.draft for row in rows]


@settings(max_examples=100, deadline=None)
@given(st.lists(ANYTHING, max_size=3))
def test_json_lines_lose_nothing(drafts):
    assert back("jsonl", drafts) == drafts


@pytest.mark.parametrize("name", ["csv", "tsv", "xlsx", "ods"])
@settings(max_examples=100, deadline=None)
@given(st.lists(IN_TABLES, max_size=3))
def test_tables_come_back(name, drafts):
    assert back(name, drafts) == drafts


@settings(max_examples=150, deadline=None)
@given(st.lists(IN_LABELLED_TEXT, min_size=1, max_size=3))
def test_labelled_text_comes_back(drafts):
    assert back("labelled", drafts) == drafts


@settings(max_examples=100, deadline=None)
@given(st.lists(IN_MODS, min_size=1, max_size=3))
def test_mods_comes_back(drafts):
    assert back("mods", drafts) == drafts


@settings(max_examples=100, deadline=None)
@given(st.lists(IN_DUBLIN_CORE.filter(lambda draft: draft.title), min_size=1, max_size=3))
def test_dublin_core_comes_back(drafts):
    assert back("oai_dc", drafts) == drafts


@pytest.mark.parametrize("name", ["marc", "marcxml"])
@settings(max_examples=150, deadline=None)
@given(st.lists(IN_MARC, min_size=1, max_size=3))
def test_marc_comes_back(name, drafts):
    assert [in_order(draft) for draft in back(name, drafts)] == [in_order(draft) for draft in drafts]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_number_of_a_named_source_comes_back(name):
    draft = Draft(title="A", identifiers=(Identifier("source:bsb", "12"),))
    [read] = back(name, [draft])
    assert read is not None and read.identifiers == draft.identifiers


def in_order(draft: Draft) -> Draft:
    return replace(draft, identifiers=tuple(sorted(draft.identifiers, key=str)))


def read_line(line: str | bytes):
    data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
    return list(FORMATS["jsonl"].read(io.BytesIO(b'{"title":"first"}\n' + data + b"\n"), ReadOptions()))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "Line 2"),
        ("[]", "object"),
        ('{"titel": "x"}', "titel"),
        ('{"title": 1}', "text"),
        ('{"year": NaN}', "NaN"),
        ('{"year": 1.5}', "whole number"),
        ('{"year": ' + "9" * 5000 + "}", "Line 2"),
        ('{"title": "a", "title": "b"}', "twice"),
        ('{"title": "\\ud800"}', "half"),
        ('{"kind": "\\uDfff"}', "half"),
        ('{"title": ' + "[" * 100_000, "nested"),
        ('{"title": "a\x00"}', "Line 2"),
    ],
)
def test_a_bad_line_is_a_problem_of_that_line(line, words):
    good, bad = read_line(line)
    assert good.draft.title == "first"
    assert (bad.number, bad.draft) == (2, None)
    assert words in bad.problems[0].reason


@pytest.mark.parametrize(
    ("year", "read", "details"),
    [('"2012"', 2012, ""), ('"c. 1998"', 1998, ""), ('"soon"', None, "soon"), ("2999", None, "2999"), ("0", None, "")],
)
def test_a_year_that_another_program_wrote_is_read_where_it_can_be(year, read, details):
    _first, row = read_line(f'{{"title": "a", "year": {year}}}')
    assert (row.draft.year, row.draft.details, row.problems) == (read, details, ())
    assert len(row.warnings) == bool(details)


def test_a_pair_of_surrogates_is_one_character():
    assert read_line('{"title": "\\ud83d\\ude00"}')[1].draft.title == "😀"


def test_json_lines_are_sorted_readable_utf_8():
    out = io.BytesIO()
    FORMATS["jsonl"].write([replace(Draft(title="Ä"), year=2001)], out)
    assert out.getvalue().decode() == '{"status": "published", "title": "Ä", "year": 2001}\n'
    assert list(json.loads(out.getvalue())) == ["status", "title", "year"]
