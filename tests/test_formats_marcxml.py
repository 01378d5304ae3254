"""MARCXML: alone or wrapped, damaged, hostile; and what is written conforms to the schema MARC21slim."""

import io
import re
import tracemalloc
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pymarc
import pytest

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FORMATS, FormatError, ReadOptions, detect

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples" / "marc"
SPACE = "http://www.loc.gov/MARC21/slim"
RECORD = (
    "<record><leader>00000nam a2200000 a 4500</leader>"
    '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{}</subfield></datafield></record>'
)


def read_rows(text: str | bytes, encoding: str = ""):
    data = text.encode() if isinstance(text, str) else text
    return list(FORMATS["marcxml"].read(io.BytesIO(data), ReadOptions(encoding=encoding)))


def collection(*records: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{SPACE}">{"".join(records)}</collection>'


def titles(text: str | bytes) -> list[str]:
    return [row.draft.title if row.draft else "" for row in read_rows(text)]


def test_a_collection_a_lone_record_and_one_with_prefixes_are_read():
    assert titles(collection(RECORD.format("One"), RECORD.format("Two &amp; Three"))) == ["One", "Two & Three"]
    assert titles("\n\n" + RECORD.format("Alone")) == ["Alone"]
    prefixed = re.sub(r"<(/?)", r"<\1marc:", RECORD.format("Prefixed"))
    assert titles(f'<marc:collection xmlns:marc="{SPACE}">{prefixed}</marc:collection>') == ["Prefixed"]


def test_records_wrapped_by_oai_pmh_are_read():
    wrapped = "".join(
        f"<record><header><identifier>{n}</identifier></header><metadata>{RECORD.format(n)}</metadata></record>"
        for n in ("One", "Two")
    )
    assert titles(
        f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{wrapped}</ListRecords></OAI-PMH>'
    ) == [
        "One",
        "Two",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_that_xml_declares(encoding):
    text = collection(RECORD.format("Für die Öffentlichkeit"))
    data = text.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding)
    assert titles(data) == ["Für die Öffentlichkeit"]
    assert detect(data).name == "marcxml"


def test_an_encoding_that_xml_does_not_know_is_refused():
    with pytest.raises(FormatError, match="klingon"):
        titles(collection(RECORD.format("One")).replace("UTF-8", "klingon"))


@pytest.mark.parametrize(
    "damage",
    ["<subfield code='a'>no end", "&nbsp;", "</record></collection>", "<<>>", "\x00", "<record", "<record <record "],
)
def test_a_record_of_broken_xml_does_not_cost_the_next(damage):
    broken = RECORD.format("Two").replace("Two", f"Two {damage}")
    rows = read_rows(collection(RECORD.format("One"), broken, RECORD.format("Three")))
    assert rows[0].draft.title == "One"
    assert rows[-1].draft.title == "Three"
    assert any(row.problems for row in rows)


def test_a_broken_record_far_into_the_file_does_not_cost_the_next():
    many = [RECORD.format(f"{number} {'x' * 500}") for number in range(1_000)]
    many[500] = many[500].replace("</subfield>", "")
    rows = read_rows(collection(*many))
    assert [row.number for row in rows if row.problems] == [501]
    assert len(rows) == 1_000


def test_a_truncated_file_says_so():
    whole = collection(RECORD.format("One"), RECORD.format("Two"))
    one, half = read_rows(whole[:-60])
    assert (one.draft.title, half.draft) == ("One", None)
    assert "ends in the middle" in half.problems[0].reason
    *_good, last = read_rows(whole.removesuffix("</collection>"))
    assert "ends before its last tag" in last.problems[0].reason


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(10))
    + "]>"
)


@pytest.mark.parametrize(
    "hostile",
    [
        BOMB + f"<collection>{RECORD.format('&a9;')}</collection>",
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><collection>{RECORD.format("&x;")}</collection>',
        f'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><collection>{RECORD.format("x")}</collection>',
    ],
)
def test_bombs_and_external_entities_are_refused_in_one_sentence(hostile):
    with pytest.raises(FormatError, match="declares a document type") as error:
        read_rows(hostile)
    assert "\n" not in str(error.value)


def test_what_is_no_marcxml_is_refused():
    for text, words in (
        ("", "no MARCXML"),
        ("<html></html>", "no record"),
        ("<a", "no MARCXML"),
        ("plain", "no MARCXML"),
    ):
        with pytest.raises(FormatError, match=words):
            read_rows(text)


class Pieces(io.RawIOBase):
    """A file that is made as it is read."""

    def __init__(self, *pieces: tuple[str, int]) -> None:
        self.pieces = iter([text.encode() for text, times in pieces for _ in range(times)])

    def read(self, size: int = -1) -> bytes:
        return next(self.pieces, b"")


START = f'<collection xmlns="{SPACE}">' + RECORD.format("One") + RECORD.partition("{}")[0]
LONG = "x" * 1_000_000
EMPTY = "<datafield tag='500'><subfield code='a'/></datafield>" * 20_000


@pytest.mark.parametrize(
    ("filling", "times"), [(LONG, 200), ("</subfield></datafield>" + EMPTY + "<datafield><subfield>", 6)]
)
def test_a_field_of_200_megabytes_or_a_million_empty_ones_cost_one_record_and_little_memory(filling, times):
    end = "</subfield></datafield></record>" + RECORD.format("Next")
    file = Pieces((START, 1), (filling, times), (end, 1), ("</collection>", 1))
    tracemalloc.start()
    rows = list(FORMATS["marcxml"].read(file, ReadOptions()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.draft.title if row.draft else "" for row in rows if not row.problems] == ["One", "Next"]
    assert "longer than 4000000 characters" in rows[1].problems[0].reason
    assert peak < 90_000_000


@pytest.mark.parametrize(("text", "words"), [("<a>" * 300_000, "nested"), ("<a " + "b" * 1_000_000, "longer than")])
def test_depth_and_length_of_tags_have_a_limit(text, words):
    with pytest.raises(FormatError, match=words):
        list(FORMATS["marcxml"].read(Pieces((text, 1), ("b" * 1_000_000, 20)), ReadOptions()))


# What the schema MARC21slim says of the text and attributes of its elements.
LEADER = re.compile(r"[\d ]{5}[\dA-Za-z ][\dA-Za-z][\dA-Za-z ]{3}(2| )(2| )[\d ]{5}[\dA-Za-z ]{3}(4500|    )")
CONTROL_TAG = re.compile(r"00[1-9A-Za-z]")
DATA_TAG = re.compile(r"0([1-9A-Z][0-9A-Z]|[1-9a-z][0-9a-z])|[1-9A-Z][0-9A-Z]{2}|[1-9a-z][0-9a-z]{2}")


def test_what_is_written_conforms_to_the_schema_and_is_read_by_pymarc(tmp_path):
    drafts = [
        Draft(
            "A < B & C\x0b\ufffe", (Name("Body", "body"),), summary="One.\n\nTwo.", identifiers=(Identifier("x", "1"),)
        ),
        Draft("Ü", (Name("Ä, B"),), country="Atlantis", url="https://example.org/?a=1&b=2", year=7),
    ]
    out = io.BytesIO()
    FORMATS["marcxml"].write(drafts, out)
    root = ElementTree.fromstring(out.getvalue())  # noqa: S314
    assert root.tag == f"{{{SPACE}}}collection"
    for record in root:
        leader, *fields = record
        assert (record.tag, leader.tag) == (f"{{{SPACE}}}record", f"{{{SPACE}}}leader")
        assert LEADER.fullmatch(leader.text)
        kinds = [field.tag.partition("}")[2] for field in fields]
        assert kinds == sorted(kinds)
        for field in fields:
            check_field(field)
    path = tmp_path / "out.xml"
    path.write_bytes(out.getvalue())
    assert [record["245"]["a"] for record in pymarc.parse_xml_to_array(str(path))] == ["A < B & C", "Ü"]
    assert titles(out.getvalue()) == ["A < B & C", "Ü"]


def check_field(field: ElementTree.Element) -> None:
    if field.tag.endswith("controlfield"):
        assert set(field.attrib) == {"tag"}
        assert CONTROL_TAG.fullmatch(field.attrib["tag"])
        return
    assert set(field.attrib) == {"tag", "ind1", "ind2"}
    assert DATA_TAG.fullmatch(field.attrib["tag"])
    assert re.fullmatch(r"[\da-z ]{2}", field.attrib["ind1"] + field.attrib["ind2"])
    assert len(field) > 0
    assert all(set(part.attrib) == {"code"} and re.fullmatch(r"[\da-z]", part.attrib["code"]) for part in field)


def test_a_collection_without_records_is_still_one():
    out = io.BytesIO()
    FORMATS["marcxml"].write([], out)
    assert out.getvalue().decode().endswith('<collection xmlns="http://www.loc.gov/MARC21/slim">\n</collection>\n')


def test_other_xml_is_not_taken_for_it():
    assert detect((SAMPLES / "ruby_marc" / "three-records-second-bad.xml").read_bytes()).name == "marcxml"
    assert not FORMATS["marcxml"].detects(b"<?xml version='1.0'?><rss><channel><title>x</title></channel></rss>")
    assert not FORMATS["marcxml"].detects(b"Title: About <leader>\nAuthor: A")
