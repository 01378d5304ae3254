"""Dublin Core and MODS: as other libraries write them, as they are damaged, and XML that means harm."""

import io
from xml.etree import ElementTree

import pytest

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats import FORMATS, FormatError, ReadOptions, Row, detect, dublincore, mods
from catalogue.formats.xml import elements

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'


def read(name: str, xml: str | bytes, **options: object) -> list[Row]:
    data = xml.encode() if isinstance(xml, str) else xml
    return list(FORMATS[name].read(io.BytesIO(data), ReadOptions(**options)))


def core(inner: str) -> Row:
    [row] = read("oai_dc", f"<dc {DC}>{inner}</dc>")
    return row


def mods_record(inner: str) -> Row:
    [row] = read("mods", f'<mods xmlns="http://www.loc.gov/mods/v3">{inner}</mods>')
    return row


def written(name: str, *drafts: Draft) -> bytes:
    out = io.BytesIO()
    FORMATS[name].write(drafts, out)
    return out.getvalue()


def test_identifiers_of_dublin_core_are_told_apart():
    draft = core(
        "<dc:title>T</dc:title><dc:identifier>https://doi.org/10.1/x</dc:identifier>"
        "<dc:identifier>https://example.org/1</dc:identifier><dc:identifier>urn:ISBN:9780140449136</dc:identifier>"
        "<dc:identifier>ISSN 0317-8471</dc:identifier><dc:identifier>10.5/y</dc:identifier>"
        "<dc:identifier>report: R 17</dc:identifier><dc:identifier>B-99</dc:identifier>"
    ).draft
    assert draft.url == "https://example.org/1"
    assert draft.identifiers == (
        Identifier("isbn", "9780140449136"),
        Identifier("issn", "0317-8471"),
        Identifier("doi", "10.5/y"),
        Identifier("report", "R 17"),
        Identifier("source", "B-99"),
        Identifier("doi", "10.1/x"),
    )


def test_qualified_terms_go_before_plain_ones():
    draft = core(
        "<dc:title>T</dc:title><dcterms:dateAccepted>2011</dcterms:dateAccepted><dc:date>1999</dc:date>"
        "<dc:description>Note.</dc:description><dcterms:abstract>Abstract.</dcterms:abstract>"
        "<dcterms:spatial>Finland</dcterms:spatial><dcterms:extent>26 p.</dcterms:extent>"
        "<dc:creator>A, B</dc:creator><dc:publisher>Crown</dc:publisher><dc:format>application/pdf</dc:format>"
    ).draft
    assert (draft.year, draft.summary, draft.country) == (2011, "Abstract.\n\nNote.", "Finland")
    assert draft.details == "Crown. 26 p"


def test_dates_with_a_time_are_those_of_the_repository():
    assert core("<dc:date>2015-04-01T09:00:00Z</dc:date><dc:date>2012-06</dc:date>").draft.year == 2012


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("https://doi.org/10.1/x", "10.1/x"),
        ("http://dx.doi.org/10.1/a%3Cb%3E", "10.1/a<b>"),
        ("https://doi.org/10.1/x?utm=1", None),
        ("https://example.org/10.1/x", None),
    ],
)
def test_an_address_at_doi_org_is_a_doi_besides(address, doi):
    draft = core(f"<dc:title>T</dc:title><dc:identifier>{address}</dc:identifier>").draft
    assert draft.url == address
    assert draft.identifiers == ((Identifier("doi", doi),) if doi else ())


@pytest.mark.parametrize("name", ["oai_dc", "mods"])
def test_a_record_without_authors_comes_back_without_any(name):
    draft = Draft(title="T", details="London: Crown, 2012. 26p.", year=2012)
    [row] = read(name, written(name, draft))
    assert row.draft == draft


def test_a_publisher_is_no_author():
    assert core("<dc:publisher>Crown</dc:publisher>").draft == Draft(details="Crown")
    origin = "<originInfo><place><placeTerm>London</placeTerm></place><publisher>Crown</publisher></originInfo>"
    draft = mods_record(f"<titleInfo><title>T</title></titleInfo>{origin}").draft
    assert (draft.authors, draft.details) == ((), "London: Crown")


def test_a_date_without_a_year_stands_in_the_details_of_dublin_core_and_mods():
    assert (
        core("<dc:publisher>Crown</dc:publisher><dc:date>forthcoming</dc:date>").draft.details == "Crown. forthcoming"
    )
    draft = mods_record("<originInfo><publisher>Crown</publisher><dateIssued>in press</dateIssued></originInfo>").draft
    assert (draft.year, draft.details) == (None, "Crown, in press")


def test_a_citation_among_the_identifiers_is_no_number():
    citation = "<dc:identifier>  Smith, Ann and Jones, Bo (2010) Homes. Shelter.   </dc:identifier>"
    others = "<dc:format>text</dc:format><dc:identifier>http://x.org/f.pdf</dc:identifier>"
    draft = core(f"<dc:title>T</dc:title>{citation}{others}").draft
    assert (draft.identifiers, draft.url) == ((), "http://x.org/f.pdf")
    assert draft.details == "Smith, Ann and Jones, Bo (2010) Homes. Shelter."
    row = core(f"<dc:title>T</dc:title><dc:publisher>Shelter</dc:publisher>{citation}")
    assert row.draft.details == "Shelter"
    assert "citation “Smith, Ann and Jones, Bo (2010) Homes. Shelter.”" in row.warnings[0]


def test_a_related_page_is_the_address_where_there_is_no_other():
    related = "<dc:title>T</dc:title><dc:relation>http://x.org/2/</dc:relation>"
    row = core(related)
    assert (row.draft.url, row.warnings) == ("http://x.org/2/", ())
    row = core(f"{related}<dc:identifier>http://x.org/2.pdf</dc:identifier>")
    assert row.draft.url == "http://x.org/2.pdf"
    assert "relation “http://x.org/2/”" in row.warnings[0]


@pytest.mark.parametrize(
    "xml",
    [
        "<metadata {DC}><dc:title>A</dc:title><dc:creator>Smith, Ann</dc:creator></metadata>",
        "<metadata {DC}><dc><dc:title>A</dc:title><dc:creator>Smith, Ann</dc:creator></dc></metadata>",
        '<dublin_core schema="dc"><dcvalue element="contributor" qualifier="author">Smith, Ann</dcvalue>'
        '<dcvalue element="title" qualifier="none" language="en">A</dcvalue></dublin_core>',
        '<dim:dim xmlns:dim="http://www.dspace.org/xmlns/dspace/dim"><dim:field mdschema="dc" element="title">A'
        '</dim:field><dim:field mdschema="dc" element="contributor" qualifier="author">Smith, Ann</dim:field>'
        '<dim:field mdschema="local" element="title">B</dim:field></dim:dim>',
    ],
)
def test_dublin_core_without_an_envelope_of_its_own_is_read(xml):
    data = xml.replace("{DC}", DC).encode()
    assert detect(data).name == "oai_dc"
    [row] = read("oai_dc", data)
    assert (row.draft, row.warnings) == (Draft("A", (Name("Smith, Ann"),)), ())


def test_several_records_below_one_metadata_are_each_one():
    one = "<dc><dc:title>{}</dc:title></dc>"
    rows = read("oai_dc", f"<metadata {DC}>{one.format('A')}{one.format('B')}</metadata>")
    assert [(row.number, row.draft.title) for row in rows] == [(1, "A"), (2, "B")]


def test_the_elements_of_dspace_are_read_by_their_qualifiers():
    values = {
        "title.none": "Homes", "title.alternative": "Houses", "date.accessioned": "2012-01-01T10:00:00Z",
        "date.issued": "2010-05", "description.abstract": "Abs", "description.provenance": "Made available",
        "identifier.uri": "http://hdl.handle.net/1/2", "identifier.isbn": "9780140449136", "language.iso": "en",
        "subject.lcsh": "housing", "type": "Technical Report", "publisher": "Shelter", "format.extent": "12 p.",
    }  # fmt: skip
    parts = (name.partition(".") for name in values)
    inner = "".join(
        f'<dcvalue element="{element}" qualifier="{qualifier}">{text}</dcvalue>'
        for (element, _dot, qualifier), text in zip(parts, values.values(), strict=True)
    )
    [row] = read("oai_dc", f"<dublin_core>{inner}</dublin_core>")
    assert row.draft == Draft(
        "Homes",
        summary="Abs",
        details="Shelter. 12 p",
        year=2010,
        url="http://hdl.handle.net/1/2",
        keywords=("housing",),
        language="en",
        kind="report",
        identifiers=(Identifier("isbn", "9780140449136"),),
    )
    assert len(row.warnings) == 1
    assert "alternative “Houses”" in row.warnings[0]


def test_without_creators_the_contributors_are_the_authors():
    assert core("<dc:contributor>A, B</dc:contributor>").draft.authors == (Name("A, B"),)
    row = core("<dc:creator>A, B</dc:creator><dc:contributor>C, D</dc:contributor><dc:title>T</dc:title>")
    assert row.draft.authors == (Name("A, B"),)
    assert "contributor “C, D”" in row.warnings[0]


def test_a_lone_subject_is_divided_and_several_are_not():
    assert core("<dc:subject>a; b</dc:subject>").draft.keywords == ("a", "b")
    assert core("<dc:subject>a; b</dc:subject><dc:subject>c</dc:subject>").draft.keywords == ("a; b", "c")


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ("<dc:type>info:eu-repo/semantics/doctoralThesis</dc:type>", "thesis"),
        ("<dc:type>Text</dc:type><dc:type>Report</dc:type>", "report"),
        ("<dc:type>text</dc:type>", ""),
        ("<dc:type>http://purl.org/dc/dcmitype/Dataset</dc:type>", "dataset"),
    ],
)
def test_the_kind_is_the_first_type_that_is_known(types, kind):
    assert core(types).draft.kind == kind


def test_a_deleted_record_of_an_oai_answer_gives_no_row():
    header = '<record><header status="deleted"><identifier>oai:x:1</identifier></header></record>'
    full = f"<record><header><identifier>oai:x:2</identifier></header><metadata><dc {DC}><dc:title>T</dc:title></dc>"
    [row] = read("oai_dc", f"<OAI-PMH {OAI}>{header}{full}</metadata></record></OAI-PMH>")
    assert row.number == 2
    assert row.draft.identifiers == (Identifier("source", "oai:x:2"),)


def test_parts_of_a_mods_title_and_name_are_put_together():
    draft = mods_record(
        '<titleInfo type="alternative"><title>Other</title></titleInfo>'
        "<titleInfo><nonSort>The</nonSort><title>prison</title><subTitle>a study</subTitle><partNumber>2</partNumber>"
        '</titleInfo><name type="personal"><namePart type="family">Fletcher</namePart>'
        '<namePart type="given">Del Roy</namePart><namePart type="date">1960-</namePart><role>'
        '<roleTerm type="code">aut</roleTerm></role>'
        '<nameIdentifier type="orcid">https://orcid.org/0000-0002-1825-0097</nameIdentifier></name>'
        '<name><namePart>Editor, E</namePart><role><roleTerm type="text">editor</roleTerm></role></name>'
        '<name type="corporate"><namePart>Ministry.</namePart><namePart>Office</namePart></name>'
    ).draft
    assert draft.title == "The prison: a study. 2"
    assert draft.authors == (
        Name("Fletcher, Del Roy", "person", "0000-0002-1825-0097"),
        Name("Ministry. Office", "body"),
    )


def test_the_imprint_of_mods_becomes_the_details():
    draft = mods_record(
        "<name><namePart>A, B</namePart></name><originInfo><place><placeTerm type='code'>xxk</placeTerm></place>"
        "<place><placeTerm type='text'>Sheffield</placeTerm></place><publisher>Hallam</publisher>"
        "<dateIssued>c2012</dateIssued><dateIssued encoding='marc' point='start'>2012</dateIssued></originInfo>"
        "<physicalDescription><extent>26 p.</extent></physicalDescription>"
        "<relatedItem type='host'><titleInfo><title>Journal</title></titleInfo><identifier>x</identifier></relatedItem>"
    ).draft
    assert draft.details == "Sheffield: Hallam, 2012. 26 p."
    assert (draft.year, draft.source, draft.identifiers) == (2012, "Journal", ())


def test_subjects_languages_and_identifiers_of_mods():
    draft = mods_record(
        "<subject><topic>Prisons</topic><geographic>Finland</geographic></subject>"
        "<subject><name><namePart>Doe, J</namePart></name></subject>"
        "<subject><hierarchicalGeographic><country>Norway</country></hierarchicalGeographic></subject>"
        "<language><languageTerm type='text'>Finnish</languageTerm>"
        "<languageTerm type='code' authority='iso639-2b'>fin</languageTerm></language>"
        "<identifier type='doi'>https://doi.org/10.1/x</identifier><identifier type='isbn' invalid='yes'>1</identifier>"
        "<identifier type='hdl'>1/2</identifier><recordInfo><recordIdentifier>77</recordIdentifier></recordInfo>"
        "<location><shelfLocator>A 17</shelfLocator><url>http://b</url><url usage='primary'>http://a</url></location>"
    ).draft
    assert draft.keywords == ("Prisons -- Finland", "Doe, J")
    assert (draft.country, draft.language) == ("Norway", "fi")
    assert draft.identifiers == (Identifier("doi", "10.1/x"), Identifier("handle", "1/2"), Identifier("source", "77"))
    assert (draft.shelf_number, draft.url) == ("A 17", "http://a")


# The elements of oai_dc.xsd, and the order that mods-3-7.xsd asks for within `location`.
OAI_DC_ELEMENTS = {
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format"),
    *("identifier", "source", "language", "relation", "coverage", "rights"),
}
FULL = Draft(
    title="T <&>",
    authors=(Name("A, B", "person", "0000-0002-1825-0097"), Name("Crown", "body")),
    summary="S\n\nS",
    details="London: Crown, 2012. 26p.",
    source="Journal",
    year=2012,
    country="Finland",
    url="https://example.org/?a=1&b=2",
    shelf_number="A 17",
    keywords=("a", "b"),
    language="en",
    kind="report",
    rights="CC0",
    identifiers=(Identifier("doi", "10.1/x"), Identifier("source", "1"), Identifier("handle", "1/2")),
)


def test_dublin_core_that_is_written_has_the_elements_of_its_schema():
    [record] = ElementTree.fromstring(written("oai_dc", FULL))  # noqa: S314 - our own
    assert record.tag == f"{{{dublincore.OAI_DC}}}dc"
    assert {part.tag for part in record} <= {f"{{{dublincore.DC}}}{name}" for name in OAI_DC_ELEMENTS}
    assert not any(len(part) or part.attrib for part in record)
    assert [part.text for part in record if part.tag.endswith("publisher")] == ["Crown"]


def test_mods_that_is_written_stands_as_its_schema_has_it():
    [record] = ElementTree.fromstring(written("mods", FULL))  # noqa: S314 - our own
    space = {"m": mods.MODS}
    assert (record.tag, record.get("version")) == (f"{{{mods.MODS}}}mods", "3.7")
    assert [part.tag.rpartition("}")[2] for part in record.find("m:location", space)] == ["shelfLocator", "url"]
    assert record.findtext("m:originInfo/m:publisher", None, space) == "Crown"
    assert record.find("m:name/m:nameIdentifier", space).get("type") == "orcid"


@pytest.mark.parametrize("name", ["oai_dc", "mods"])
def test_what_no_xml_can_hold_is_written_as_a_space(name):
    [row] = read(name, written(name, Draft(title="a\x00\x0b\ufffe\ud800b")))
    assert row.draft.title == "a b"


@pytest.mark.parametrize("name", ["oai_dc", "mods"])
@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("", "ends in the middle"),
        ("Dear library", "Line 1: this is not well-formed"),
        ("<a><mods></a>", "Line 1.*mismatched"),
        ("<a>\n<mods>\n<title", "ends in the middle, at line 3"),
        ("<a/>", "no record"),
        ('<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><mods>&y;</mods>', "entities of its own"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><mods>&x;</mods>', "entities of its own"),
        ('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://x/"> %x;]><mods/>', "entities of its own"),
        ("<a>" * 300, "nested deeper"),
        ("<mods><dc><a>" + "x" * 9_000_000, "longer than 8000000"),
        ('<mods a="' + "x" * 6_000_000, "does not end"),
        ("<mods><!-- " + "x" * 6_000_000, "does not end"),
        ('<?xml version="1.0" encoding="klingon"?><mods/>', "encoding"),
        (b"<mods>caf\xe9</mods>", "Line 1.*invalid token"),
    ],
)
def test_xml_that_cannot_be_read_is_refused_in_a_sentence(name, xml, words):
    with pytest.raises(FormatError, match=words):
        read(name, xml)


def test_the_answer_of_a_server_that_refuses_is_said():
    with pytest.raises(FormatError, match="badResumptionToken It is gone"):
        read("oai_dc", f'<OAI-PMH {OAI}><error code="badResumptionToken">It is gone</error></OAI-PMH>')


def test_an_encoding_that_a_person_names_overrules_the_file():
    xml = "<?xml version='1.0' encoding='utf-8'?><mods><titleInfo><title>Łódź</title></titleInfo></mods>"
    [row] = read("mods", xml.encode("cp1250"), encoding="cp1250")
    assert row.draft.title == "Łódź"


def test_control_characters_and_blank_lines_before_the_start_do_no_harm():
    [row] = read("mods", b"\n\n<?xml version='1.0'?><mods><titleInfo><title>a\x0bb</title></titleInfo></mods>")
    assert row.draft.title == "ab"


def test_elements_come_one_by_one_however_many_there_are():
    class Counted(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            self.taken += size or 0
            return super().read(size)

    file = Counted(b"<a>" + b"<b>text</b>" * 100_000 + b"</a>")
    assert next(elements(file, ("b",))).text == "text"
    assert file.taken < 100_000


def test_a_record_of_very_many_empty_elements_is_refused():
    data = io.BytesIO(b"<records><record>" + b"<a/>" * 200_000 + b"</record></records>")
    with pytest.raises(FormatError, match="longer than"):
        list(elements(data, ("record",)))
