"""Dublin Core: oai_dc as repositories give it, qualified terms where they stand, in an OAI-PMH answer or any other XML,
and as DSpace writes it (dublin_core.xml, DIM).

A row's number is the ordinal of the record; one that an OAI-PMH answer calls deleted counts, and gives no row. A lone
subject or creator is divided at the separator; of several, each is one. Written is a list of `oai_dc:dc`, each valid.

What this cannot say: status, reason of withdrawal and replacement, ORCIDs, the kind of an author (which is guessed), a
lone keyword or author with the separator in it, line breaks before an indented line, and a summary that begins with
"Details:". An address at doi.org is a DOI, and is read as one besides: repositories have no other place for it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement, register_namespace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import Draft, Identifier, Name, clean_line
from catalogue.formats.base import STRAIGHT, Format, FormatError, Notes, ReadOptions, Row, shorten
from catalogue.formats.identifiers import SOURCE, read_identifiers, read_pair, write_pair
from catalogue.formats.kinds import known_kind, read_kind
from catalogue.formats.languages import read_language
from catalogue.formats.names import guess_name
from catalogue.formats.straight_names import straight_name
from catalogue.formats.xml import add, elements, first_tags, local, namespace, text_of, written
from catalogue.formats.years import first_issued, read_date, with_date
from catalogue.imprint import read_imprint

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
TERMS = "http://purl.org/dc/terms/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
for _prefix, _uri in (("oai_dc", OAI_DC), ("dc", DC), ("xsi", _XSI)):
    register_namespace(_prefix, _uri)

# DSpace says the name of an element in attributes: <dcvalue element="contributor" qualifier="author">.
DIM = "http://www.dspace.org/xmlns/dspace/dim"
_OF_DSPACE = frozenset(("dublin_core", "dim"))
_RECORDS = ("record", "dc", "qualifieddc", "simpledc", "metadata", *_OF_DSPACE)
_QUALIFIED = {
    "contributor.author": "creator", "date.issued": "issued", "date.accessioned": "modified",
    "date.available": "modified", "date.updated": "modified", "date.submitted": "dateSubmitted",
    "description.abstract": "abstract", "description.provenance": "provenance", "title.alternative": "alternative",
    "description.tableofcontents": "tableOfContents", "identifier.citation": "bibliographicCitation",
    "format.extent": "extent", "format.mimetype": "medium", "coverage.spatial": "spatial",
    "coverage.temporal": "temporal",
}  # fmt: skip
# Documents of other kinds that borrow a few elements of Dublin Core.
_OTHER_ROOTS = frozenset(("rss", "feed", "RDF", "html", "svg", "package", "mods", "modsCollection", "collection"))
# The element that a refinement says more closely, and how near it comes to what is wanted.
_REFINED = {
    "abstract": "description", "issued": "date", "created": "date", "available": "date", "dateSubmitted": "date",
    "dateAccepted": "date", "isPartOf": "source", "spatial": "coverage", "license": "rights", "accessRights": "rights",
    "extent": "format", "bibliographicCitation": "source",
}  # fmt: skip
_LEFT_OUT = ("alternative", "contributor", "citation", "relation", "temporal", "tableOfContents")
_SILENT = frozenset(("provenance", "modified", "medium", "rightsHolder", "dateCopyrighted"))

_YEAR_IN_BRACKETS = re.compile(
    r"\((?:1[5-9]|20)\d\d[a-z]?\)|\((?:in press|forthcoming|submitted|unpublished)\)", re.IGNORECASE
)
_PAIR = re.compile("[a-z][a-z0-9._-]*(?::[a-z0-9._-]+)?: ")
_INDENTED = re.compile(r"\s*\n[ \t]+")
_DETAILS = "Details: "
_SHELF = "shelfmark"
_URL = re.compile(r"(?:https?|ftp)://\S+", re.IGNORECASE)
_DOI = re.compile(r"doi:\s*(10\.\S+)", re.IGNORECASE)
_DOI_ADDRESS = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(10\.[^\s?#]+)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:urn:)?(isbn|issn)(?::\s*|\s+)(\S.*)", re.IGNORECASE)
_TYPE_START = re.compile(r"(?:https?://|info:)\S*/")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+|text", re.IGNORECASE)


class DublinCore(Format):
    """Reads and writes Dublin Core."""

    name = "oai_dc"
    label = gettext_lazy("Dublin Core")
    extensions = ("xml",)
    media_type = "application/xml"

    def detects(self, sample: bytes) -> bool:
        """Tell by an element of Dublin Core among the first, or an answer of an OAI-PMH server without any record."""
        tags = first_tags(sample)
        if not tags or local(tags[0]) in _OTHER_ROOTS:
            return False
        spaces = {namespace(tag) for tag in tags}
        return bool(spaces & {OAI_DC, DC, TERMS, DIM}) or spaces == {OAI} or tags[:2] == ["dublin_core", "dcvalue"]

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every record that is not deleted."""
        number = 0
        for element in elements(file, (*_RECORDS, "error"), options.encoding):
            if local(element.tag) == "error":
                _refuse_answer(element)
                continue
            parts = list(_records(element))
            for found in parts if local(element.tag) == "metadata" else parts[:1]:
                number += 1
                yield _row(number, found, element, options)
            number += not parts
        if not number:
            raise FormatError(_("There is no record of Dublin Core in this XML."))

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield one `oai_dc:dc` a draft, in a list of them."""
        yield b'<?xml version="1.0" encoding="UTF-8"?>\n<records>\n'
        for draft in drafts:
            yield written(_element(draft))
        yield b"</records>\n"


def _is_core(element: Element) -> bool:
    return namespace(element.tag) in (DC, TERMS)


def _records(element: Element) -> Iterator[Element]:
    """Yield the elements that hold elements of Dublin Core."""
    for part in element.iter():
        if local(part.tag) in _OF_DSPACE:
            yield _of_dspace(part)
        elif any(map(_is_core, part)):
            yield part


def _of_dspace(record: Element) -> Element:
    """Return a record of DSpace with the elements that its attributes name."""
    found = Element("dc")
    for part in record:
        name, qualifier = part.get("element", ""), part.get("qualifier", "none")
        text = "".join(part.itertext()).strip()
        if name and text and part.get("mdschema", "dc") == "dc":
            known = _QUALIFIED.get(f"{name}.{qualifier}", name)
            number = f"{qualifier}:" if qualifier in ("isbn", "issn", "doi") else ""
            SubElement(found, f"{{{TERMS}}}{known}").text = number + text
    return found


def _refuse_answer(element: Element) -> None:
    if namespace(element.tag) == OAI:
        said = " ".join(filter(None, (element.get("code", ""), text_of(element))))
        message = _("This is the answer of a server that had no records to give. It says: %(said)s")
        raise FormatError(message % {"said": shorten(said)})


def _values(found: Element) -> dict[str, list[str]]:
    """Return the texts of a record by element, those said more closely before the others."""
    values: dict[str, list[str]] = {}
    for refined in (True, False):
        for part in found:
            name = local(part.tag)
            text = _INDENTED.sub(" ", "".join(part.itertext())).strip()
            if text and _is_core(part) and (name in _REFINED) == refined:
                values.setdefault(_REFINED.get(name, name), []).append(text)
    return values


def _row(number: int, found: Element, record: Element, options: ReadOptions) -> Row:
    notes, separator = Notes(), options.separator
    values = _values(found)
    identifiers = [clean_line(text) for text in values.get("identifier", ())]
    shelf_numbers = [text for text in identifiers if text.lower().startswith(_SHELF + ":")]
    addresses = [text for text in identifiers if _URL.fullmatch(text)]
    others = [text for text in identifiers if text not in shelf_numbers and text not in addresses]
    source_number = next((text_of(part) for part in record.iter(f"{{{OAI}}}identifier")), "")
    citations = [text for text in others if _is_citation(text)]
    others = [text for text in others if text not in citations]
    related = [text for text in values.get("relation", ()) if not addresses and _URL.fullmatch(text)]
    url = next((text for text in addresses if not _DOI_ADDRESS.fullmatch(text)), (*addresses, *related, "")[0])
    details, summaries = _described(values)
    if citations and not details:
        details = citations.pop(0)
    year, date = read_date(first_issued(values.get("date", ())), notes)
    draft = Draft(
        title=values.get("title", [""])[0],
        authors=_authors(values, options),
        summary="\n\n".join(summaries),
        details=with_date(details, date),
        source="; ".join(values.get("source", ())),
        year=year,
        country=values.get("coverage", [""])[0],
        url=url,
        shelf_number=shelf_numbers[0].partition(":")[2] if shelf_numbers else "",
        keywords=tuple(_divided(values.get("subject", []), separator)),
        language=read_language(values.get("language", [""])[0], notes),
        kind=_kind(values.get("type", ()), notes),
        rights="; ".join(values.get("rights", ())),
        identifiers=tuple(_identifiers(source_number, others, addresses, notes)),
    )
    values["relation"] = [text for text in values.get("relation", ()) if text not in related[:1]]
    _say_left_out({**values, "citation": citations}, draft, notes)
    return notes.row(number, draft)


def _is_citation(text: str) -> bool:
    """Tell a sentence that cites the document, which EPrints gives among its numbers."""
    return len(text.split()) > 3 and bool(_YEAR_IN_BRACKETS.search(text)) and not _PAIR.match(text)


def _described(values: dict[str, list[str]]) -> tuple[str, list[str]]:
    """Return the details, which a record of ours says as a description, and the descriptions that are the summary."""
    texts = values.get("description", [])
    own = [text for text in texts if text.startswith(_DETAILS)]
    if own:
        return own[0].removeprefix(_DETAILS), [text for text in texts if text is not own[0]]
    extents = [text for text in values.get("format", ()) if not _MEDIA_TYPE.fullmatch(text)]
    return ". ".join(text.rstrip(".") for text in (*values.get("publisher", ()), *extents)), texts


def _authors(values: dict[str, list[str]], options: ReadOptions) -> tuple[Name, ...]:
    """Return the creators or, where there are none, the contributors. A publisher is none: the details name it."""
    people = values.get("creator") or values.get("contributor") or []
    read = straight_name if options.names == STRAIGHT else guess_name
    return tuple(read(name) for name in _divided(people, options.separator) if name.strip())


def _divided(texts: list[str], separator: str) -> list[str]:
    return texts[0].split(separator) if len(texts) == 1 and separator else texts


def _kind(texts: Iterable[str], notes: Notes) -> str:
    """Return the first kind that is known: repositories give the type of the medium and of the access beside it."""
    texts = [_TYPE_START.sub("", _CAMEL.sub(" ", text)) for text in texts]
    known = next((kind for text in texts if (kind := known_kind(text))), "")
    return known or (read_kind(texts[0], notes) if texts and texts[0].lower() != "text" else "")


def _identifiers(number: str, others: list[str], addresses: list[str], notes: Notes) -> Iterator[Identifier]:
    if number:
        yield Identifier(SOURCE, number)
    for text in others:
        if match := _DOI.fullmatch(text):
            yield Identifier("doi", match[1])
        elif match := _NUMBERED.fullmatch(text):
            yield from read_identifiers(match[1].lower(), match[2], "", notes)
        elif text.startswith("10.") and "/" in text:
            yield Identifier("doi", text)
        else:
            yield read_pair(text)
    yield from (Identifier("doi", unquote(match[1])) for text in addresses if (match := _DOI_ADDRESS.fullmatch(text)))


def _say_left_out(values: dict[str, list[str]], draft: Draft, notes: Notes) -> None:
    left = [("title", text) for text in values.get("title", [])[1:]]
    left += [(name, text) for name in _LEFT_OUT for text in values.get(name, ())]
    left = [(name, text) for name, text in left if name != "contributor" or "creator" in values]
    if left:
        message = _("This has no place in a record here, and is left out: %(values)s")
        notes.warn(message % {"values": "; ".join(f"{name} “{shorten(text)}”" for name, text in left[:5])})


def _element(draft: Draft) -> Element:
    element = Element(f"{{{OAI_DC}}}dc", {f"{{{_XSI}}}schemaLocation": _SCHEMA})
    for name, text in _elements(draft):
        if text:
            add(element, f"{{{DC}}}{name}", text)
    return element


def _elements(draft: Draft) -> Iterator[tuple[str, str]]:
    yield "title", draft.title
    yield from (("creator", name.heading) for name in draft.authors)
    yield from (("subject", keyword) for keyword in draft.keywords)
    yield "description", draft.summary
    yield "description", _DETAILS + draft.details if draft.details else ""
    yield "publisher", read_imprint(draft.details).publisher
    yield "date", "" if draft.year is None else f"{draft.year:04d}"
    yield "type", draft.kind
    yield "identifier", draft.url
    yield "identifier", f"{_SHELF}: {draft.shelf_number}" if draft.shelf_number else ""
    for item in draft.identifiers:
        yield (
            "identifier",
            f"{item.scheme}:{item.value}" if item.scheme in ("doi", "isbn", "issn") else write_pair(item),
        )
    yield "source", draft.source
    yield "language", draft.language
    yield "coverage", draft.country
    yield "rights", draft.rights
