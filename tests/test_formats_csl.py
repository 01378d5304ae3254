"""CSL-JSON: items as programs write them, what is written, and damaged files."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean
from catalogue.formats import FORMATS, FormatError, ReadOptions, detect
from catalogue.formats.csljson_drafts import printed
from tests.citing import (
    HEADING,
    NAMES,
    ODD_NAMES,
    back,
    check_golden,
    drafts,
    endure,
    golden,
    in_order,
    mutations,
    only,
    read,
    sample,
    write,
)

CSL = FORMATS["csljson"]
# The types and variables of the format's schema that are written.
TYPES = [
    "report",
    "thesis",
    "paper-conference",
    "article-journal",
    "chapter",
    "book",
    "dataset",
    "webpage",
    "legislation",
    "document",
]
NUMBERS = {"DOI", "ISBN", "ISSN", "number", "call-number"}
TEXTS = {
    "type",
    "id",
    "genre",
    "title",
    "publisher",
    "publisher-place",
    "abstract",
    "keyword",
    "language",
    "URL",
} | NUMBERS


@pytest.mark.parametrize("path", golden("csljson"), ids=lambda path: path.name)
def test_a_file_gives_the_drafts_beside_it(path):
    assert detect(path.read_bytes()).name == "csljson"
    check_golden("csljson", path)


# What is written


def check(text: str) -> None:
    """Check a file against the format's schema (csl-data.json, 1.0.2), as far as it says what is written here."""
    items = json.loads(text)
    assert len({item["id"] for item in items}) == len(items)
    for item in items:
        assert {"type", "id"} <= item.keys() <= TEXTS | {"author", "issued", "custom"}
        assert item["type"] in TYPES
        assert all(isinstance(item[name], str) and item[name] for name in TEXTS & item.keys())
        assert all(name.keys() <= {"family", "given", "suffix", "literal"} for name in item.get("author", []))
        assert all(isinstance(value, str) for name in item.get("author", []) for value in name.values())
        assert list(item.get("issued", {"date-parts": 1})) == ["date-parts"]
        assert isinstance(item.get("custom", {}), dict)


def said(draft: Draft) -> Draft:
    """Return the Draft as far as the format can say it: all of it but marks like "<i>", which are not printed."""
    names = tuple(map(as_read, draft.authors))
    return in_order(clean(replace(draft, authors=names, title=printed(draft.title), summary=printed(draft.summary))))


def as_read(name: Name) -> Name:
    return replace(name, heading=" ".join(name.heading.split()))


@settings(max_examples=150)
@given(written=drafts(HEADING | NAMES | ODD_NAMES.filter(lambda name: name != "others")).map(lambda draft: [draft]))
def test_a_record_comes_back(written):
    check(write("csljson", written))
    assert back("csljson", written) == [said(draft) for draft in written]


def test_every_record_of_the_sample_comes_back():
    written = sample(2)
    check(write("csljson", written))
    assert back("csljson", written) == [said(draft) for draft in written]


def test_no_record_is_an_empty_list():
    assert json.loads(write("csljson", [])) == []


def test_a_person_has_parts_and_a_body_is_one_name():
    names = (Name("King, Martin, Jr."), Name("World Bank", codes.BODY), Name("Plato"))
    assert json.loads(write("csljson", [Draft("x", names)]))[0]["author"] == [
        {"family": "King", "given": "Martin", "suffix": "Jr."},
        {"literal": "World Bank"},
        {"family": "Plato"},
    ]


def test_what_is_not_known_leaves_no_trace():
    assert json.loads(write("csljson", [Draft("A report")])) == [
        {"id": "anonndreport", "type": "document", "title": "A report"}
    ]


# What is read


def item(**values: object) -> str:
    return json.dumps({"id": 1, "type": "report", "title": "T", **values})


ONE = item()


@pytest.mark.parametrize(
    "text",
    [f"[{ONE}]", f"  [\n{ONE}\n]\n", ONE, f'{{"items": [{ONE}]}}', f'{{"references" : [ {ONE} ]}}', f"\ufeff[{ONE}]"],
)
def test_a_list_may_stand_in_several_wrappings(text):
    assert detect(text.encode()).name == "csljson"
    assert only("csljson", text).title == "T"


def test_lines_of_json_are_still_what_they_were():
    assert detect(b'{"title": "A", "kind": "report"}\n').name == "jsonl"
    assert detect(b'{"title": "the \\"type\\": \\"a\\" of it", "year": 2001}\n').name == "jsonl"


@pytest.mark.parametrize(
    ("issued", "year"),
    [
        ({"date-parts": [[2012, 5, 1]]}, 2012),
        ({"date-parts": [["2012", "05"]]}, 2012),
        ({"date-parts": [[2012], [2013]]}, 2012),
        ({"raw": "May 2012"}, 2012),
        ({"literal": "c2012"}, 2012),
        ("2012-05", 2012),
        ({"date-parts": [[812]]}, 812),
        ({"date-parts": [[]]}, None),
        ({"date-parts": [[None]]}, None),
        ({"date-parts": 7}, None),
        ([], None),
        (None, None),
    ],
)
def test_dates_come_in_several_forms(issued, year):
    assert only("csljson", f"[{item(issued=issued)}]").year == year


def test_names_have_parts_in_any_number():
    names = [
        {"family": "Beethoven", "given": "Ludwig", "dropping-particle": "van"},
        {"family": "King", "given": "Martin", "suffix": "Jr."},
        {"literal": "World Bank"},
        {"literal": "others"},
        "Smith, Ann",
        {"given": ["x"]},
        7,
    ]
    [row] = read("csljson", f"[{item(author=names)}]")
    assert row.draft.authors == (
        Name("van Beethoven, Ludwig"),
        Name("King, Martin, Jr."),
        Name("World Bank", codes.BODY),
        Name("Smith, Ann"),
    )
    assert row.draft.details == "[et al.]"


def test_an_article_has_its_journal_as_source_and_no_markup():
    values = {"container-title": "Bell Journal", "volume": 27, "issue": "3", "page": "379-423", "ISSN": "2049-3630"}
    abstract = "<jats:p>One <i>and</i></jats:p><jats:p>two, a < b.</jats:p>"
    draft = only("csljson", f"[{item(**{**values, 'type': 'article-journal', 'abstract': abstract})}]")
    assert (draft.source, draft.summary) == ("Bell Journal 27(3), 379-423", "One and\n\ntwo, a < b.")
    assert draft.identifiers == (Identifier("issn", "2049-3630"),)


@pytest.mark.parametrize(
    ("kind", "genre", "expected"),
    [
        ("report", "", "report"),
        ("report", "Working paper", "working-paper"),
        ("article", "", "working-paper"),
        ("document", "", ""),
        ("motion_picture", "", "media"),
    ],
)
def test_kinds_are_told_from_type_and_genre(kind, genre, expected):
    assert only("csljson", f"[{item(type=kind, genre=genre)}]").kind == expected


@pytest.mark.parametrize(
    "broken",
    [
        '{"id": 1, "title": }',
        '{"id": 1, "title": "a" "b"}',
        '{"a": ' * 3_000 + "1" + "}" * 3_000,
        '{"id": 1, "title": "no end\n}',
        '{"id": 1, "title": "a\\u0000b"}',
    ],
)
def test_a_broken_reference_costs_no_other(broken):
    bad, good = read("csljson", f"[{broken},\n{ONE}]")
    assert (bad.number, bad.draft, good.draft.title) == (1, None, "T")
    assert "1" in bad.problems[0].reason


def test_a_file_that_was_cut_off_gives_what_it_has():
    good, bad = read("csljson", f'[{ONE}, {{"id": 2, "title": "U')
    assert (good.draft.title, bad.draft) == ("T", None)


@pytest.mark.parametrize(
    "values",
    [
        {"title": ["x"]},
        {"title": "\ud800"},
        {"author": {"family": "x"}},
        {"custom": []},
        {"custom": {"identifiers": [1, None, "a: b"], "orcids": ["x"], "details": 7}},
        {"volume": 1e308, "page": True},
        {"keyword": {}},
        {"URL": "javascript:alert(1)"},
    ],
)
def test_values_of_another_type_cost_no_record(values):
    [row] = read("csljson", f"[{item(**values)}]")
    assert not row.problems
    assert row.draft.url == ""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no reference"),
        (b"[]", "no reference"),
        (b'[{"title": "' + b"x" * 5_000_000, "longer than"),
        (b"[" + b'{"a":' * 1_500_000, "longer than"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(data, words):
    with pytest.raises(FormatError, match=words):
        read("csljson", data)


class OneLine(io.RawIOBase):
    """A list of any length on one line."""

    def __init__(self, count: int) -> None:
        self._pieces = iter([b"[", *[(ONE + ",").encode() * 600] * count])

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"")


def test_a_list_of_any_length_streams_by_even_on_one_line():
    rows = CSL.read(OneLine(10), ReadOptions())
    assert sum(1 for row in rows if row.draft) == 6_000


def test_damaged_files_are_read_or_refused_in_words():
    for data in mutations(3, golden("csljson"), 250):
        endure("csljson", data)


def test_a_list_in_json_that_is_no_csl_is_not_taken_for_it_and_if_named_so_says_what_was_not_read():
    other = b'{"id": "1", "type": "article", "title": "A", "authors": ["B, C"], "year": 2020, "url": "https://a.b"}\n'
    assert FORMATS["csljson"].detects(b'[{"id": "1", "type": "article", "title": "A", "author": [], "year": 1}]')
    assert not FORMATS["csljson"].detects(other)
    [row] = FORMATS["csljson"].read(io.BytesIO(other), ReadOptions())
    assert row.warnings == ("Not read, since CSL-JSON has other names for this: authors, year, url.",)
