"""The XML that is written, held against the schemas of others: MODS 3.6 and oai_dc as the package eulxml carries them.

No package was found that carries MARC21slim.xsd or the elements of Dublin Core; what they say stands below.
"""

import io
import re
from importlib.resources import as_file, files
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.draft import Draft, Identifier, Name, clean
from catalogue.formats import FORMATS, ReadOptions

SAMPLES = Path(__file__).parent.parent / "fixtures" / "samples"
# simpledc20021212.xsd: each element is text, and may say its language.
DC = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://purl.org/dc/elements/1.1/"
 targetNamespace="http://purl.org/dc/elements/1.1/" elementFormDefault="qualified">
<xs:import namespace="http://www.w3.org/XML/1998/namespace"/>
<xs:complexType name="text"><xs:simpleContent><xs:extension base="xs:string"><xs:attribute ref="xml:lang"/>
</xs:extension></xs:simpleContent></xs:complexType>%s</xs:schema>"""
ELEMENTS = (
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format"),
    *("identifier", "source", "language", "relation", "coverage", "rights"),
)
FULL = Draft(
    title="Peers: what we know <&>",
    authors=(Name("Fletcher, Del Roy", "person", "0000-0002-1825-0097"), Name("Crown", "body")),
    summary="One.\n\nTwo.",
    details="London: Crown, 2012. 26p.",
    source="Journal, 3(1), 1-9",
    year=2012,
    country="United Kingdom",
    url="https://example.org/a?b=c&d=e",
    shelf_number="A 17",
    keywords=("Prisons -- Great Britain", "Peers"),
    language="en",
    kind="report",
    rights="CC0",
    identifiers=(
        Identifier("doi", "10.1/x"),
        Identifier("isbn", "9780306406157"),
        Identifier("issn", "0028-0836"),
        Identifier("report", "R 7"),
        Identifier("source", "1"),
        Identifier("source:bsb", "12"),
        Identifier("handle", "1/2"),
    ),
)
TEXT = st.text(max_size=30)
ANYTHING = st.builds(
    Draft,
    title=TEXT.map("T{}".format),
    authors=st.lists(st.builds(Name, TEXT, st.sampled_from(("person", "body"))), max_size=3).map(tuple),
    summary=TEXT,
    details=TEXT | st.just("Leeds, UK: Leeds Press, 2001. 12p."),
    source=TEXT,
    year=st.none() | st.integers(1, 2100),
    country=TEXT,
    url=TEXT,
    shelf_number=TEXT,
    keywords=st.lists(TEXT, max_size=3).map(tuple),
    language=st.sampled_from(("", "en", "fi", "smn")),
    kind=st.sampled_from(("", "report", "thesis")),
    rights=TEXT,
    identifiers=st.lists(st.builds(Identifier, st.sampled_from(("doi", "isbn", "source", "x")), TEXT), max_size=3).map(
        tuple
    ),
).map(clean)


def written(name: str, *drafts: Draft) -> ElementTree.Element:
    out = io.BytesIO()
    FORMATS[name].write(drafts, out)
    return ElementTree.fromstring(out.getvalue())  # noqa: S314 - our own


@pytest.fixture(scope="module")
def schemas():
    with as_file(files("eulxml") / "schema_data") as folder:
        elements = "".join(f'<xs:element name="{name}" type="text"/>' for name in ELEMENTS)
        core = xmlschema.XMLSchema(DC % elements)
        places = {"http://www.w3.org/1999/xlink": str(folder / "xlink.xsd")}
        yield {
            "mods": xmlschema.XMLSchema(str(folder / "mods.xsd"), locations=places, allow="local"),
            "oai_dc": xmlschema.XMLSchema(str(folder / "oai_dc.xsd"), global_maps=core.maps, allow="local"),
        }


def in_version_6(collection: ElementTree.Element) -> ElementTree.Element:
    """Return MODS without what 3.7 added: its number, and identifiers of names."""
    space = "{http://www.loc.gov/mods/v3}"
    for record in collection:
        assert record.attrib.pop("version") == "3.7"
        for name in record.iter(f"{space}name"):
            for identifier in name.findall(f"{space}nameIdentifier"):
                name.remove(identifier)
    return collection


def assert_valid(schemas, *drafts: Draft) -> None:
    schemas["mods"].validate(in_version_6(written("mods", *drafts)))
    for record in written("oai_dc", *drafts):
        schemas["oai_dc"].validate(record)
    assert_slim(written("marcxml", *drafts))


def assert_slim(collection: ElementTree.Element) -> None:
    """Hold MARCXML against what MARC21slim.xsd says."""
    space = "{http://www.loc.gov/MARC21/slim}"
    assert collection.tag == f"{space}collection"
    for record in collection:
        assert record.tag == f"{space}record"
        names = [part.tag.removeprefix(space) for part in record]
        assert names == sorted(names, key=["leader", "controlfield", "datafield"].index)
        leader, *fields = record
        assert re.fullmatch(r"[\d ]{5}[\dA-Za-z ]{1}[\dA-Za-z]{1}[\dA-Za-z ]{3}(2| )(2| )[\d ]{5}[\dA-Za-z ]{3}"
                            r"(4500|    )", leader.text)  # fmt: skip
        for field in fields:
            assert re.fullmatch(r"00[1-9A-Za-z]" if "control" in field.tag else r"(?!00)[0-9A-Z]{3}", field.get("tag"))
            if field.tag == f"{space}datafield":
                assert set(field.attrib) == {"tag", "ind1", "ind2"}
                assert all(re.fullmatch(r"[\da-z ]", field.get(name)) for name in ("ind1", "ind2"))
                assert len(field) > 0
                assert all(re.fullmatch(r"[!-~]", part.get("code")) and set(part.attrib) == {"code"} for part in field)


def test_a_full_record_and_an_empty_one_are_valid(schemas):
    assert_valid(schemas, FULL, Draft(title="T"), Draft())


@settings(max_examples=40, deadline=None)
@given(st.lists(ANYTHING, min_size=1, max_size=2))  # no collection of MODS is empty
def test_whatever_is_written_is_valid(schemas, drafts):
    assert_valid(schemas, *drafts)


@pytest.mark.parametrize("name", ["collection.xml"])
def test_what_was_read_of_others_is_written_validly(schemas, name):
    rows = FORMATS["mods"].read(io.BytesIO((SAMPLES / "mods" / name).read_bytes()), ReadOptions())
    assert_valid(schemas, *(row.draft for row in rows if row.draft))


def test_a_schema_refuses_what_is_wrong(schemas):
    record = written("mods", FULL)
    record[0][0].tag = "{http://www.loc.gov/mods/v3}titel"
    assert not schemas["mods"].is_valid(in_version_6(record))
    [record] = written("oai_dc", FULL)
    record[0].tag = "{http://purl.org/dc/elements/1.1/}titel"
    assert not schemas["oai_dc"].is_valid(record)
