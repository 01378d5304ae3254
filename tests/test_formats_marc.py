"""MARC 21: what fields say, encodings that are not what they claim, damaged records, and what is written."""

import io
import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pymarc
import pytest
from pymarc import Field, Indicators, Record, Subfield

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FORMATS, FormatError, ReadOptions, detect
from catalogue.formats.marc_codes import COUNTRY_CODES, country
from catalogue.imprint import read_imprint

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples" / "marc"
LEADER = "00000nam a2200000 a 4500"
TITLE = ("245", "10", "a", "A report.")


def make(*fields: tuple[str, ...], leader: str = LEADER) -> bytes:
    """Return a record of fields like ("245", "10", "a", "Title") or ("001", "12")."""
    record = Record(leader=leader)
    for tag, *rest in fields:
        if len(rest) == 1:
            record.add_field(Field(tag, data=rest[0]))
        else:
            pairs = [Subfield(code, value) for code, value in zip(rest[1::2], rest[2::2], strict=True)]
            record.add_field(Field(tag, Indicators(*rest[0]), pairs))
    return record.as_marc()


def read_rows(data: bytes, encoding: str = ""):
    return list(FORMATS["marc"].read(io.BytesIO(data), ReadOptions(encoding=encoding)))


def read_one(*fields: tuple[str, ...], leader: str = LEADER) -> Draft:
    [row] = read_rows(make(*fields, leader=leader))
    assert not row.problems
    return row.draft


def recoded(data: bytes, old: bytes, new: bytes, coding: bytes = b" ") -> bytes:
    """Return a record with other bytes for some of its text; they are as many, so that its lengths stay right."""
    assert len(old) == len(new)
    return (data[:9] + coding + data[10:]).replace(old, new)


# What the fields say


@pytest.mark.parametrize(
    ("subfields", "title"),
    [
        (("a", "Peer mentoring :", "b", "what we know /", "c", "Del Roy Fletcher."), "Peer mentoring: what we know"),
        (("a", "Statistics.", "n", "Part 2,", "p", "Prisons /", "c", "Home Office."), "Statistics. Part 2, Prisons"),
        (("a", "Prisons", "h", "[electronic resource] :", "b", "a review."), "Prisons: a review"),
        (("a", "Le bureau =", "b", "The office."), "Le bureau = The office"),
        (("a", "Aid to the U.S."), "Aid to the U.S."),
        (("a", "To be continued..."), "To be continued..."),
        (("a", "Life and/or death"), "Life and/or death"),
    ],
)
def test_a_title_has_its_parts_but_not_who_is_responsible_for_it(subfields, title):
    assert read_one(("245", "10", *subfields)).title == title


def test_without_isbd_punctuation_a_stop_is_part_of_the_title():
    assert read_one(("245", "10", "a", "Stop."), leader=LEADER[:18] + "c 4500").title == "Stop."


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (("100", "1 ", "a", "Fletcher, Del Roy,", "d", "1950-", "e", "author."), Name("Fletcher, Del Roy")),
        (("100", "1 ", "a", "King, Martin Luther,", "c", "Jr.,", "d", "1929-1968"), Name("King, Martin Luther, Jr.")),
        (("700", "0 ", "a", "John Paul", "b", "II,", "c", "Pope,", "d", "1920-2005"), Name("John Paul II, Pope")),
        (("700", "1 ", "a", "Tyson, John J."), Name("Tyson, John J.")),
        (("700", "3 ", "a", "Clark family."), Name("Clark family", "body")),
        (
            ("110", "1 ", "a", "Great Britain.", "b", "Ministry of Justice."),
            Name("Great Britain. Ministry of Justice", "body"),
        ),
        (
            ("711", "2 ", "a", "Conference on Peers", "n", "(3rd :", "d", "1999 :", "c", "Paris)"),
            Name("Conference on Peers (3rd : 1999 : Paris)", "body"),
        ),
        (("720", "2 ", "a", "Home Office"), Name("Home Office", "body")),
        (
            ("100", "1 ", "a", "Carberry, Josiah,", "1", "https://orcid.org/0000-0002-1825-0097"),
            Name("Carberry, Josiah", "person", "0000-0002-1825-0097"),
        ),
        (
            ("700", "1 ", "a", "Carberry, Josiah", "0", "(orcid)0000-0002-1825-0097"),
            Name("Carberry, Josiah", "person", "0000-0002-1825-0097"),
        ),
        (("100", "1 ", "a", "Carberry, Josiah", "0", "(orcid)0000-0002-1825-0098"), Name("Carberry, Josiah")),
    ],
)
def test_names_are_headings_without_dates_and_roles(field, name):
    assert read_one(TITLE, field).authors == (name,)


def test_a_name_in_several_roles_is_one_author_and_an_owner_is_none():
    draft = read_one(
        TITLE,
        ("100", "1 ", "a", "Smith, Ann,", "e", "author."),
        ("710", "2 ", "a", "Home Office,", "e", "publisher,", "e", "issuing body."),
        ("700", "1 ", "a", "Smith, Ann,", "e", "editor."),
        ("700", "1 ", "a", "Lamb, Jo,", "e", "former owner."),
        ("700", "12", "a", "Austen, Jane.", "t", "Emma."),
        ("700", "1 ", "a", "Bach, J. S.", "t", "Fugues."),
    )
    assert [name.heading for name in draft.authors] == ["Smith, Ann", "Home Office", "Austen, Jane"]


def test_the_details_read_like_a_card_and_give_the_imprint():
    draft = read_one(
        TITLE,
        ("008", "120101s2012    enk" + " " * 17 + "eng  "),
        ("250", "  ", "a", "2nd ed."),
        ("264", " 1", "a", "Sheffield, UK :", "b", "Hallam University,", "c", "[2012]"),
        ("264", " 4", "c", "©2011"),
        ("300", "  ", "a", "xii, 26 pages :", "b", "illustrations ;", "c", "30 cm."),
        ("490", "0 ", "a", "Research report ;", "v", "12"),
        ("500", "  ", "a", "Includes index."),
    )
    assert draft.details == (
        "Sheffield, UK: Hallam University, 2012. xii, 26 pages : illustrations ; 30 cm. — 2nd ed. — "
        "(Research report; 12) — Includes index"
    )
    assert (draft.year, draft.country, draft.language) == (2012, "United Kingdom", "en")
    assert read_imprint(draft.details).publisher == "Hallam University"


@pytest.mark.parametrize(
    ("coded", "imprint", "year"),
    [
        ("s2012    ", "c2011", 2012),
        ("m19891992", "1989-1992", 1989),
        ("s198u    ", "[1985?]", 1985),
        ("nuuuuuuuu", "[n.d.]", None),
        ("|||||||||", "28 June 2019", 2019),
        ("s9999    ", "no year at all", None),
    ],
)
def test_the_year_is_the_coded_one_or_that_of_the_imprint(coded, imprint, year):
    fixed = f"120101{coded}xx {' ' * 17}eng  "
    assert read_one(TITLE, ("008", fixed), ("260", "  ", "c", imprint)).year == year


def test_summary_contents_and_rights():
    draft = read_one(
        TITLE,
        ("520", "3 ", "a", "What it says."),
        ("520", "4 ", "a", "Contains upsetting scenes."),
        ("505", "0 ", "a", "One -- Two."),
        ("506", "0 ", "a", "Open to all."),
        ("540", "  ", "a", "CC BY 4.0", "u", "https://example.org/by"),
    )
    assert draft.summary == "What it says.\n\nContents: One -- Two."
    assert draft.rights == "CC BY 4.0 https://example.org/by Open to all."


def test_keywords_keep_their_subdivisions():
    draft = read_one(
        TITLE,
        ("650", " 0", "a", "Peer Mentoring", "z", "Great Britain."),
        ("600", "10", "a", "King, Martin,", "d", "1929-1968", "x", "Death.", "2", "fast"),
        ("653", "  ", "a", "prisons", "a", "rehabilitation"),
        ("655", " 7", "a", "Government publications.", "2", "lcgft"),
    )
    assert draft.keywords == (
        "Peer Mentoring -- Great Britain",
        "King, Martin, 1929-1968 -- Death",
        "prisons",
        "rehabilitation",
        "Government publications",
    )


def test_a_heading_of_another_vocabulary_loses_its_stop_where_punctuation_is_left_out_too():
    leader = LEADER[:18] + "c 4500"
    fields = (("650", " 0", "a", "Prisons", "v", "Periodicals."), ("650", " 4", "a", "Our own."))
    assert read_one(TITLE, *fields, leader=leader).keywords == ("Prisons -- Periodicals", "Our own.")


def test_the_address_of_the_document_open_to_all_comes_first_and_the_others_are_told():
    draft = read_one(
        TITLE,
        ("856", "42", "3", "Table of contents", "u", "http://example.org/toc"),
        ("856", "40", "z", "Restricted to members of the university", "u", "http://proxy.example.org/a"),
        ("856", "40", "u", "http://example.org/a b.pdf"),
        ("588", "0 ", "a", "Seen on 29 January 2013."),
    )
    assert draft.url == "http://example.org/a%20b.pdf"
    assert draft.source == (
        "Seen on 29 January 2013. Table of contents: http://example.org/toc "
        "Restricted to members of the university: http://proxy.example.org/a"
    )
    only = read_one(TITLE, ("856", "42", "3", "Table of contents", "u", "http://example.org/toc"))
    assert (only.url, only.source) == ("", "Table of contents: http://example.org/toc")


def test_the_shelf_number_is_the_librarys_own_before_any_other():
    assert read_one(TITLE, ("050", "00", "a", "HV9345", "b", ".F5"), ("082", "00", "a", "365/.6")).shelf_number == (
        "HV9345 .F5"
    )
    assert read_one(TITLE, ("050", "00", "a", "HV"), ("852", "8 ", "h", "127", "i", "F")).shelf_number == "127 F"
    assert read_one(TITLE, ("082", "00", "a", "365/.6")).shelf_number == "365.6"


def test_numbers_become_identifiers():
    draft = read_one(
        TITLE,
        ("001", "ocm123"),
        ("003", "OCoLC"),
        ("020", "  ", "a", "0471383147 (pbk.) :"),
        ("020", "  ", "z", "9999999999"),
        ("022", "0 ", "a", "0028-0836"),
        ("024", "7 ", "a", "https://doi.org/10.1000/182", "2", "doi"),
        ("027", "  ", "a", "NASA-TM-1"),
        ("088", "  ", "a", "NCJ 250001"),
        ("035", "  ", "a", "(DLC)  2001627090"),
        ("035", "  ", "a", "bare"),
    )
    assert [(item.scheme, item.value) for item in draft.identifiers] == [
        ("source", "(OCoLC)ocm123"),
        ("isbn", "0471383147"),
        ("issn", "0028-0836"),
        ("doi", "10.1000/182"),
        ("report", "NCJ 250001"),
        ("report", "NASA-TM-1"),
        ("source", "(DLC) 2001627090"),
    ]


@pytest.mark.parametrize(
    ("leader", "fields", "kind"),
    [
        ("am", (), "book"),
        ("am", (("502", "  ", "a", "Thesis (Ph.D.)"),), "thesis"),
        ("am", (("008", " " * 24 + "t" + " " * 15),), "report"),
        ("am", (("088", "  ", "a", "NCJ 1"),), "report"),
        ("am", (("008", " " * 29 + "1" + " " * 10),), "conference"),
        ("am", (("655", " 7", "a", "Working papers.", "2", "local"),), "book"),
        ("am", (("655", " 7", "a", "Working paper.", "2", "local"),), "working-paper"),
        ("ab", (), "article"),
        ("gm", (), "media"),
        ("mm", (("008", " " * 26 + "a" + " " * 13),), "dataset"),
        ("as", (), ""),
    ],
)
def test_the_kind_is_said_or_coded(leader, fields, kind):
    assert read_one(TITLE, *fields, leader=f"00000n{leader} a2200000 a 4500").kind == kind


@pytest.mark.parametrize(
    ("fixed", "field", "language"),
    [
        ("ger", None, "de"),
        ("mul", ("041", "0 ", "a", "engfre"), "en"),
        ("   ", ("041", "07", "a", "sv", "2", "iso639-1"), "sv"),
        ("scr", None, "hr"),
        ("sms", None, "sms"),
        ("|||", None, ""),
    ],
)
def test_the_language_is_an_iso_code(fixed, field, language):
    fields = [TITLE, ("008", " " * 35 + fixed + "  ")] + ([field] if field else [])
    assert read_one(*fields).language == language


def test_countries_of_marc():
    found = [country(code) for code in ("nyu", "enk", "onc", "gw ", "xx ", "vp ", "|||", "", "ye", "rur")]
    assert found == ["United States", "United Kingdom", "Canada", "Germany", "", "", "", "", "Yemen", "Russia"]
    assert all(country(code) == name for name, code in COUNTRY_CODES.items())


def test_the_original_script_is_kept_beside_the_romanised_form():
    draft = read_one(
        ("245", "10", "6", "880-01", "a", "Meri :", "b", "roman /"),
        ("100", "1 ", "6", "880-02", "a", "Asch, Sholem"),
        ("880", "10", "6", "245-01/(2/r", "a", "מערי :", "b", "ראמאן /"),
        ("880", "1 ", "6", "100-02/(2/r", "a", "אש, שלום"),
        ("880", " 0", "6", "650-03/(2/r", "a", "ספרות"),
    )
    assert draft.title == "Meri: roman"
    assert draft.details == "In the original script: מערי : ראמאן / אש, שלום"
    assert draft.keywords == ("ספרות",)
    assert read_one(("880", "10", "6", "245-00", "a", "東海道.")).title == "東海道"


def test_authorities_and_holdings_are_set_aside_and_a_deleted_record_is_withdrawn():
    authority, holdings, deleted = read_rows(
        make(("100", "1 ", "a", "Smith, Ann"), leader="00000nz  a2200000n  4500")
        + make(("852", "  ", "h", "1"), leader="00000nx  a2200000n  4500")
        + make(TITLE, leader="00000dam a2200000 a 4500")
    )
    assert (authority.draft, authority.problems, holdings.draft, holdings.problems) == (None, (), None, ())
    assert "authority" in authority.set_aside
    assert "holdings" in holdings.set_aside
    assert (deleted.draft.status, deleted.set_aside) == ("withdrawn", "")


# Encodings


def test_utf_8_is_read_as_such_whatever_the_leader_says():
    data = recoded(make(("245", "10", "a", "für die öffentlich")), b"", b"")
    [row] = read_rows(data)
    assert data[9:10] == b" "
    assert row.draft.title == "für die öffentlich"
    assert "UTF-8" in row.warnings[0]


@pytest.mark.parametrize("coding", [b" ", b"a"])
def test_marc_8_is_read_as_such_whatever_the_leader_says(coding):
    plain = make(("245", "10", "a", "fXur die Xoffentlich ; Xetude des pXeches ; X_ lXodz"))
    data = recoded(plain, b"fXur die Xoff", b"f\xe8ur die \xe8off", coding)
    data = recoded(data, b"Xetude des pXeches ; X_ lXodz", b"\xe2etude des p\xe3eches ; \xb1_ l\xe2odz", coding)
    [row] = read_rows(data)
    assert row.draft.title == "für die öffentlich; étude des pêches; ł_ lódz"
    assert bool(row.warnings) == (coding == b"a")


@pytest.mark.parametrize("coding", [b" ", b"a"])
def test_latin_1_is_read_as_such_whatever_the_leader_says(coding):
    text = "für die öffentlich, étudié à l'hôpital, garçon"
    plain = make(("245", "10", "a", text.encode().decode("latin-1").encode("ascii", "replace").decode()))
    shorter = make(("245", "10", "a", "".join(c if c.isascii() else "?" for c in text)))
    start = shorter.index(b"f?r")
    data = shorter[:9] + coding + shorter[10:start] + text.encode("latin-1") + shorter[start + len(text) :]
    [row] = read_rows(data)
    assert len(plain) > len(data)
    assert row.draft.title == text
    assert "neither" in row.warnings[0]


def test_a_few_bad_bytes_do_not_ruin_a_record_in_utf_8():
    data = make(("245", "10", "a", "Über Füße und Köpfe im X"))
    [row] = read_rows(data.replace(b" X", b" \x96"))
    assert row.draft.title == "Über Füße und Köpfe im –"
    assert "damaged" in row.warnings[0]


def test_an_encoding_can_be_named():
    data = (SAMPLES / "pymarc" / "1251.dat").read_bytes()
    assert read_rows(data, "windows-1251")[0].draft.title.startswith("Основы гидравлического расчета")
    marc8 = (SAMPLES / "ruby_marc" / "marc8_accented_chars.marc").read_bytes()
    assert read_rows(marc8, "MARC-8")[0].draft.authors[0].heading == "Serreau, Geneviève"
    with pytest.raises(FormatError, match="no encoding called"):
        read_rows(data, "klingon")


# Damaged files


def test_a_record_with_a_wrong_length_is_read_and_the_next_too():
    first = make(("001", "1"), TITLE)
    rows = read_rows(b"00042" + first[5:] + b"\r\n\r\n" + make(("245", "10", "a", "Next")))
    assert [row.draft.title for row in rows] == ["A report", "Next"]
    assert "00042" in rows[0].warnings[0]
    assert rows[1].warnings == ()


def test_lengths_in_characters_instead_of_bytes_are_mended():
    data = make(("245", "10", "a", "Über Füße"), ("500", "  ", "a", "Eine Note"))
    characters = make(("245", "10", "a", "Uber Fusse"[:9]), ("500", "  ", "a", "Eine Note"))
    [row] = read_rows(characters[: characters.index(b"\x1e")] + data[data.index(b"\x1e") :])
    assert (row.draft.title, row.draft.details) == ("Über Füße", "Eine Note")
    assert any("addresses" in warning for warning in row.warnings)


@pytest.mark.parametrize("digits", [5, 6])
def test_a_record_of_more_than_99_999_bytes_is_read(digits):
    """Programs let the addresses begin at 0 again, or take six digits for them."""
    notes = [("500", "  ", "a", f"{number:03d} " + "x" * 900) for number in range(150)]
    data = make(("245", "10", "a", "Long"), *notes, ("650", " 0", "a", "Last"))
    start = data.index(b"\x1e")
    if digits == 5:
        tags = [b"245", *[b"500"] * 150, b"650"]
        directory = b"".join(tag + b"0909%05d" % (n * 909 % 100_000) for n, tag in enumerate(tags))
        data = b"99999" + data[5:24] + directory + data[start:]
    [row] = read_rows(data)
    assert not row.problems
    assert (row.draft.title, row.draft.keywords, row.draft.details[:5]) == ("Long", ("Last",), "000 x")


def test_a_lost_end_of_a_record_does_not_cost_the_next():
    first = make(TITLE)
    rows = read_rows(first[:-1] + b" " + make(("245", "10", "a", "Next")))
    assert [row.draft.title for row in rows] == ["A report", "Next"]


def test_what_cannot_be_read_is_a_problem_of_its_record_alone():
    rows = read_rows(b"rubbish\x1d" + make(TITLE) + b"00100nam  2200000   4500\x1d" + make(TITLE)[:40])
    assert [bool(row.problems) for row in rows] == [True, False, True, True]
    assert rows[1].draft.title == "A report"


def test_a_file_that_ends_in_the_middle_says_so():
    _whole, half = read_rows(make(TITLE) + make(TITLE, ("500", "  ", "a", "x" * 500))[:-300])
    assert "ends in the middle" in half.problems[0].reason


def test_unimarc_is_named():
    [row] = read_rows((SAMPLES / "pymarc" / "testunimarc.dat").read_bytes())
    assert "UNIMARC" in row.problems[0].reason


def test_a_file_without_a_record_is_refused():
    for data in (b"", b"\r\n\x1a"):
        with pytest.raises(FormatError, match="no record"):
            read_rows(data)


class Endless(io.RawIOBase):
    """A good record, then one whose field is 200 MB long, then a good one."""

    def __init__(self) -> None:
        self.pieces = [make(TITLE), make(TITLE)[:-2], *([b"x" * 1_000_000] * 200), b"\x1e\x1d", make(TITLE)]

    def read(self, size: int = -1) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


def test_a_field_of_200_megabytes_costs_one_record_and_little_memory():
    tracemalloc.start()
    rows = list(FORMATS["marc"].read(Endless(), ReadOptions()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [bool(row.problems) for row in rows] == [False, True, False]
    assert "longer than 4000000 bytes" in rows[1].problems[0].reason
    assert peak < 30_000_000


def test_a_directory_that_points_to_one_long_field_ten_thousand_times_costs_nothing():
    entry, field = b"245000000000", b"10\x1faTitle" + b"x" * 1_000_000
    data = b"00000nam a2200000   4500" + entry * 10_000 + b"\x1e" + field + b"\x1e\x1d"
    [row] = read_rows(data)
    assert row.problems


@pytest.mark.parametrize("name", ["marc", "marcxml"])
def test_mutated_real_files_raise_nothing_but_a_format_error(name):
    chance = random.Random(27)  # the same mutations in every run
    suffixes = (".xml",) if name == "marcxml" else (".mrc", ".marc", ".dat")
    files = [path.read_bytes() for path in sorted(SAMPLES.rglob("*")) if path.suffix in suffixes]
    files = [data for data in files if len(data) < 9_000]
    for _ in range(150):
        data = mutated(chance.choice(files), chance)
        try:
            for row in FORMATS[name].read(io.BytesIO(data), ReadOptions()):
                assert row.draft is not None or row.problems or row.set_aside
        except FormatError as error:
            assert str(error)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return a file with some bytes changed, lost, doubled or moved, often those that carry its structure."""
    changed = bytearray(data)
    marks = (0x1D, 0x1E, 0x1F, 0x1B, 0x30, 0x39, 0x20, 0x3C, 0x3E, 0x26, 0xE2, 0xFF, 0x00)
    for _ in range(chance.choice((1, 2, 5, 30))):
        position = chance.randrange(len(changed) or 1)
        piece = changed[position : position + chance.choice((1, 5, 60))]
        action = chance.randrange(4)
        if action == 0 and changed:
            changed[position % len(changed)] = chance.choice((chance.choice(marks), chance.randrange(256)))
        elif action == 1:
            del changed[position : position + len(piece)]
        else:
            place = chance.randrange(len(changed) + 1) if action == 2 else position
            changed[place:place] = piece
    return bytes(changed)


# Writing

FULL = Draft(
    title="The offender: what do we know?",
    authors=(
        Name("Ministry of Justice", "body"),
        Name("Fletcher, Del Roy", "person", "0000-0002-1825-0097"),
        Name("RAND", "body"),
    ),
    summary="First.\n\nSecond.",
    details="Sheffield, UK: Hallam University, 2012. 26p. — (Research report; 12) — A note.",
    source="Internet Resource: Accessed January 29, 2013",
    year=2012,
    country="United Kingdom",
    url="https://example.org/a.pdf",
    shelf_number="127419",
    keywords=("Peer Mentoring -- Great Britain", "Peer Mentoring (U.K.)"),
    language="en",
    kind="working-paper",
    rights="CC BY 4.0",
    identifiers=(Identifier("source", "(XX)7"), Identifier("isbn", "0471383147"), Identifier("report", "NCJ 1")),
)


def written(draft: Draft, name: str = "marc") -> bytes:
    out = io.BytesIO()
    FORMATS[name].write([draft], out)
    return out.getvalue()


def test_a_record_is_written_in_the_fields_that_a_library_looks_in():
    record = next(pymarc.MARCReader(written(FULL)))
    assert (str(record.leader)[5:10], str(record.leader)[18]) == ("nam a", "c")
    assert (record["001"].data, record["003"].data) == ("7", "XX")
    assert record["008"].data == "000000s2012    xxk           0     eng  ".replace(
        "xxk           0", "xxk" + " " * 11 + "0"
    )
    assert len(record["008"].data) == 40
    assert str(record["245"]) == "=245  14$aThe offender$bwhat do we know?"
    assert [str(field) for field in record.get_fields("110", "700", "710")] == [
        r"=110  2\$aMinistry of Justice",
        r"=700  1\$aFletcher, Del Roy$1https://orcid.org/0000-0002-1825-0097",
        r"=710  2\$aRAND",
    ]
    assert str(record["264"]) == r"=264  \1$aSheffield, UK$bHallam University$c2012"
    assert [record[tag]["a"] for tag in ("300", "490", "500", "540", "588")] == [
        "26p.",
        "Research report; 12",
        "A note.",
        "CC BY 4.0",
        "Internet Resource: Accessed January 29, 2013",
    ]
    assert [field["a"] for field in record.get_fields("520")] == ["First.", "Second."]
    assert str(record["650"]) == r"=650  \4$aPeer Mentoring$xGreat Britain"
    assert (record["852"]["h"], record["856"]["u"]) == ("127419", "https://example.org/a.pdf")


def test_the_own_number_of_a_record_leads_when_the_public_takes_it():
    own = Identifier("record", "https://library.example/records/42")
    record = next(pymarc.MARCReader(written(replace(FULL, identifiers=(*FULL.identifiers, own)))))
    assert record["001"].data == "42"
    assert record["035"]["a"] == "(XX)7"
    assert record["024"]["a"] == own.value


def test_marks_of_the_format_inside_a_value_break_nothing():
    [row] = read_rows(written(Draft(title="a\x1db\x1ec\x1fd", summary="x\x1fy")))
    assert (row.draft.title, row.draft.summary) == ("a b c d", "x y")


def test_a_record_too_long_for_the_format_is_cut_and_stays_valid():
    long = replace(FULL, summary="wörd " * 19_000, keywords=tuple(f"Keyword {n} " + "k" * 300 for n in range(500)))
    data = written(long)
    assert len(data) <= 99_999
    [row] = read_rows(data)
    assert not row.problems + row.warnings
    assert row.draft.authors == long.authors
    assert row.draft.summary.replace("\n\n", " ").startswith("wörd " * 9_000)
    assert len(next(pymarc.MARCReader(data)).get_fields("520")) > 5
    assert [row.draft for row in FORMATS["marcxml"].read(io.BytesIO(written(long, "marcxml")), ReadOptions())][
        0
    ].keywords == long.keywords


def test_it_is_known_by_its_content():
    data = written(FULL)
    assert detect(data).name == "marc"
    assert detect(b"\xef\xbb\xbf\r\n" + data).name == "marc"
    assert detect(b"12345,One,2012,note\n" * 3).name == "csv"
