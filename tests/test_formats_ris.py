"""RIS: real files give the Drafts beside them, what is written is read by rispy and by ourselves, any bytes endured."""

import io
import re
from dataclasses import replace

import pytest
import rispy
from hypothesis import example, given, settings

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean, clean_line
from catalogue.formats import FORMATS, FormatError, ReadOptions, detect
from catalogue.formats.identifiers import RECORD
from catalogue.formats.names import guess_name
from catalogue.formats.ris import TAGS
from catalogue.imprint import read_imprint
from tests.citing import (
    HEADING,
    NAMES,
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

RIS = FORMATS["ris"]


@pytest.mark.parametrize("path", golden("ris"), ids=lambda path: path.name)
def test_a_real_file_gives_the_drafts_beside_it(path):
    assert detect(path.read_bytes()).name == "ris"
    check_golden("ris", path)


# What is written


def check(draft: Draft, found: dict) -> None:
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
        assert item.value in tagged or f"Identifier: {item.scheme}: {item.value}" in notes
    imprint = read_imprint(draft.details)
    same("publisher", imprint.publisher)
    same("place_published", imprint.place)
    assert "unknown_tag" not in found


def test_rispy_reads_every_record_of_the_sample():
    written = sample(3)
    found = rispy.loads(write("ris", written))
    assert len(found) == len(written) > 1_000
    for draft, record in zip(written, found, strict=True):
        check(draft, record)


@settings(max_examples=60)
@given(written=drafts(HEADING | NAMES).map(lambda draft: [draft, draft]))
@example([Draft(title="a", summary="b\nER  - \nTY  - JOUR\nTI  - c"), Draft(title="TY - BOOK")])
def test_rispy_reads_any_record(written):
    text = write("ris", written)
    found = rispy.loads(text)
    assert len(found) == len(written)
    for draft, record in zip(written, found, strict=True):
        check(draft, record)
    for record in text.split("\r\n\r\n")[:-1]:
        tags = [line[:2] for line in record.split("\r\n")]
        assert (tags[0], tags.count("TY"), tags[-1], tags.count("ER")) == ("TY", 1, "ER", 1)
        assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - \S.*", line) for line in record.split("\r\n")[:-1])


def said(draft: Draft) -> Draft:
    """Return the Draft as far as RIS can say it: see the table in README.md."""
    names = tuple(guess_name(name.heading) for name in draft.authors)
    keywords = draft.keywords
    if len(keywords) == 1:
        keywords = tuple(keywords[0].split(";"))
    return in_order(clean(replace(draft, authors=names, summary=clean_line(draft.summary), keywords=keywords)))


@settings(max_examples=150)
@given(written=drafts(HEADING | NAMES).map(lambda draft: [draft]))
def test_a_record_comes_back_as_far_as_the_format_can_say_it(written):
    assert back("ris", written) == [said(draft) for draft in written]


def test_every_record_of_the_sample_comes_back():
    written = sample(3)
    assert back("ris", written) == [said(draft) for draft in written]


@pytest.mark.parametrize("kind", ["", *codes.KINDS])
def test_what_is_not_known_leaves_no_trace(kind):
    lines = write("ris", [Draft("A report", kind=kind)]).split("\r\n")
    assert re.fullmatch("TY  - [A-Z]{3,5}", lines[0])
    assert [line for line in lines[1:] if not line.startswith("M3  - ")] == ["TI  - A report", "ER  - ", "", ""]


def test_a_report_is_one_for_reference_managers_too():
    types = {kind: write("ris", [Draft("x", kind=kind)])[6:].split("\r")[0] for kind in ("report", "thesis", "web")}
    assert types == {"report": "RPRT", "thesis": "THES", "web": "ELEC"}


def test_the_address_of_the_record_stands_in_for_one_of_the_document():
    own = (Identifier(RECORD, "https://library.example/records/42"),)
    without = rispy.loads(write("ris", [Draft("x", identifiers=own)]))[0]
    assert (without["id"], without["urls"]) == ("42", ["https://library.example/records/42"])
    record = rispy.loads(write("ris", [Draft("x", url="https://example.org/a", identifiers=own)]))[0]
    assert record["urls"] == ["https://example.org/a"]
    assert record["notes"] == ["Identifier: record: https://library.example/records/42"]


def test_only_the_first_identifier_of_a_scheme_has_the_tag():
    two = tuple(Identifier(scheme, value) for scheme in TAGS for value in ("10.1/a", "10.1/b"))
    assert in_order(only("ris", write("ris", [Draft("x", kind="report", identifiers=two)]))).identifiers == tuple(
        sorted(two, key=lambda item: (item.scheme, item.value))
    )


# What is read


def record(*lines: str, kind: str = "RPRT") -> str:
    return "\n".join([f"TY  - {kind}", "TI  - T", *lines, "ER  - ", ""])


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_reads_the_same_however_it_was_saved(encoding, newline):
    text = record("AU  - Müller, Jörg", "AB  - Größe", "goes on").replace("\n", newline)
    draft = only("ris", text.encode(encoding))
    assert (draft.authors[0].heading, draft.summary) == ("Müller, Jörg", "Größe\ngoes on")


@pytest.mark.parametrize(
    ("lines", "year"),
    [
        (("PY  - 2012///",), 2012),
        (("Y1  - 2012/07/12/Summer",), 2012),
        (("DA  - 2012/12",), 2012),
        (("PY  - 2012-05",), 2012),
        (("DA  - July 1", "PY  - 2012"), 2012),
        (("DA  - 2012/03/01", "PY  - in press"), 2012),
        (("PY  - n.d.",), None),
        ((), None),
    ],
)
def test_dates_come_in_several_tags_and_forms(lines, year):
    assert only("ris", record(*lines)).year == year


def test_a_date_without_a_year_goes_into_the_details():
    [row] = read("ris", record("PY  - forthcoming", "PB  - Leeds Press"))
    assert (row.draft.year, row.draft.details) == (None, "Leeds Press, forthcoming.")
    assert "forthcoming" in row.warnings[0]


@pytest.mark.parametrize(
    ("kind", "work", "expected"),
    [
        ("RPRT", "", "report"),
        ("RPRT", "Working Paper", "working-paper"),
        ("RPRT", "Blue book", "report"),
        ("JOUR", "Conference Paper", "article"),
        ("GEN", "", ""),
        ("Journal Article", "", "article"),
        ("thes", "", "thesis"),
    ],
)
def test_kinds_are_told_from_the_type_and_the_type_of_work(kind, work, expected):
    assert only("ris", record(*([f"M3  - {work}"] if work else []), kind=kind)).kind == expected


@pytest.mark.parametrize(
    ("lines", "keywords"),
    [
        (("KW  - a", "KW  - b; c"), ("a", "b; c")),
        (("KW  - a; b;c",), ("a", "b", "c")),
        (("KW  - a", "b", "c"), ("a", "b", "c")),
        (("KW  - Crime, juvenile",), ("Crime, juvenile",)),
    ],
)
def test_keywords_stand_one_a_tag_or_all_in_one(lines, keywords):
    assert only("ris", record(*lines)).keywords == keywords


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Shannon,Claude E.", Name("Shannon, Claude E.")),
        ("Ministry of Justice,", Name("Ministry of Justice", codes.BODY)),
        ("Fanning E.", Name("Fanning, E.")),
        ("World Health Organization", Name("World Health Organization", codes.BODY)),
        ("Shell U.K.", Name("Shell U.K.", codes.BODY)),
        ("King, Martin, Jr.", Name("King, Martin, Jr.")),
    ],
)
def test_authors_are_people_and_bodies(line, name):
    assert only("ris", record(f"AU  - {line}")).authors == (name,)


@pytest.mark.parametrize("last", ["et al.", "et al", "and others", "..."])
def test_others_are_no_author_but_the_details_say_that_there_are_some(last):
    [row] = read("ris", record("AU  - A, B", f"AU  - {last}"))
    assert [name.heading for name in row.draft.authors] == ["A, B"]
    assert row.draft.details == "[et al.]"
    assert "more authors" in row.warnings[0]


def test_an_article_has_its_journal_as_source_and_a_report_its_pages_in_the_details():
    pages = ("SP  - 379", "EP  - 423", "CY  - Leeds", "PB  - Press", "PY  - 1948")
    draft = only("ris", record("JF  - Bell Journal", "VL  - 27", "IS  - 3", *pages, kind="JOUR"))
    assert (draft.source, draft.details) == ("Bell Journal 27(3), 379-423", "Leeds: Press, 1948.")
    draft = only("ris", record("SP  - 26", "T3  - x", "T2  - Papers", "VL  - 4", *pages[2:]))
    assert (draft.source, draft.details) == ("", "Leeds: Press, 1948. 26p. Papers 4")


def test_numbers_are_told_by_their_form():
    lines = ("SN  - 978-3-16-148410-0; 2049-3630 (print)", "SN  - NBS BH 10", "DO  - https://doi.org/10.1/a", "AN  - 7")
    assert {(item.scheme, item.value) for item in only("ris", record(*lines, "DB  - CINCH")).identifiers} == {
        ("isbn", "978-3-16-148410-0"),
        ("issn", "2049-3630"),
        ("report", "NBS BH 10"),
        ("doi", "10.1/a"),
        ("source", "CINCH: 7"),
    }


def test_the_key_of_a_reference_manager_is_no_number_of_the_document():
    assert only("ris", record("ID  - 12345")).identifiers == ()


@pytest.mark.parametrize(
    ("lines", "url", "words"),
    [
        (("UR  - <Go to ISI>://WOS:000123",), "", "no web address"),
        (('UR  - {"url": "x"}',), "", "no web address"),
        (("UR  - http://a.org; http://b.org",), "http://a.org", "http://b.org"),
        (("UR  - http://a.org", "UR  - http://b.org"), "http://a.org", "http://b.org"),
        (("UR  - http://a.org/b c",), "http://a.org/b%20c", ""),
        (("L1  - file:///C:/x.pdf", "L2  - http://a.org"), "http://a.org", ""),
    ],
)
def test_addresses_are_looked_at(lines, url, words):
    [row] = read("ris", record(*lines))
    assert row.draft.url == url
    assert words in "".join(row.warnings)
    assert bool(words) == bool(row.warnings)


def test_a_record_without_its_end_is_read_and_the_next_too():
    one, two = read("ris", "TY  - RPRT\nTI  - A\n\nTY  - RPRT\nTI  - B\nER  -")
    assert (one.draft.title, two.draft.title) == ("A", "B")
    assert "no ER" in one.warnings[0]
    assert not two.warnings


def test_a_file_that_was_cut_off_says_so():
    [row] = read("ris", "TY  - RPRT\nTI  - A\nAU  - Smi")
    assert (row.draft.title, "cut off" in row.warnings[0]) == ("A", True)


def test_two_types_are_one_record():
    assert only("ris", "TY  - RPRT\nTY  - JOUR\nTI  - A\nER  - ").kind == "report"


def test_a_record_without_a_type_is_read():
    [row] = read("ris", "TY  - RPRT\nTI  - A\nER  - \nTI  - B\nER  - ")[1:]
    assert (row.draft.title, row.draft.kind, "no TY" in row.warnings[0]) == ("B", "", True)


def test_tags_written_otherwise_are_read_and_a_dash_in_a_text_is_none():
    assert only("ris", "TY - RPRT\nTI - A\nAU- Smith, A\nER -\n").authors == (Name("Smith, A"),)
    assert (
        only("ris", record("AB  - About the", "UK - the land", "PY - no tag")).summary
        == "About the\nUK - the land\nPY - no tag"
    )


def test_an_unknown_tag_is_told_of_once():
    one, two = read("ris", record("JP  - CRISPR") + record("JP  - CRISPR"))
    assert "JP" in one.warnings[0]
    assert not two.warnings


def test_a_zero_byte_costs_its_record_alone():
    bad, good = read("ris", record("AB  - a\x00b") + record("AB  - c" + "d" * 3000))
    assert (bad.draft, good.draft.title) == (None, "T")
    assert "zero byte" in bad.problems[0].reason


def test_a_value_that_is_too_long_is_cut_and_costs_no_record():
    [row] = read("ris", record("N1  - " + "x" * 6_000))
    assert len(row.draft.details) == 5_000
    assert "cut" in row.warnings[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no record"),
        (b"nothing here", "no record"),
        (b"TY  - RPRT\nAB  - " + b"x" * 5_000_000, "longer than"),
        (b"TY  - RPRT\n" + b"word\n" * 1_000_000, "line 1 is longer than"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(data, words):
    with pytest.raises(FormatError, match=words):
        read("ris", data)


class Records(io.RawIOBase):
    """A file of any number of records, made as it is read; it cannot go back."""

    def __init__(self, count: int) -> None:
        self._left = count

    def read(self, size: int = -1) -> bytes:
        number = min(self._left, 500)
        self._left -= number
        return record("AU  - A, B").encode() * number


def test_a_file_of_any_size_streams_by():
    rows = RIS.read(Records(10**9), ReadOptions())
    assert [next(rows).number for _ in range(1_000)][-1] == 1_000


def test_damaged_files_are_read_or_refused_in_words():
    for data in mutations(1, golden("ris"), 250):
        endure("ris", data)
