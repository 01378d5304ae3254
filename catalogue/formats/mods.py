"""MODS: the Library of Congress's record in XML, alone, in a collection or in an OAI-PMH answer.

A row's number is the ordinal of the record. What this cannot say: status, reason of withdrawal and replacement, and
line breaks before an indented line. A publisher is no author: it stands in the details.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, register_namespace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name
from catalogue.formats.base import Format, FormatError, Notes, ReadOptions, Row
from catalogue.formats.identifiers import SOURCE, read_identifiers
from catalogue.formats.kinds import known_kind, read_kind
from catalogue.formats.languages import read_language
from catalogue.formats.names import guess_name
from catalogue.formats.xml import add, elements, first_tags, local, text_of, written
from catalogue.formats.years import read_date, with_date
from catalogue.imprint import read_imprint

MODS = "http://www.loc.gov/mods/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = f"{MODS} http://www.loc.gov/standards/mods/v3/mods-3-7.xsd"
register_namespace("mods", MODS)
register_namespace("xsi", _XSI)

_BODIES = frozenset(("corporate", "conference", "family"))
_AUTHOR_ROLES = frozenset(("author", "aut", "creator", "cre", "dissertant", "dis", "issuing body", "isb", ""))
_LOCAL = "local"
# The identifiers that MODS names otherwise than the catalogue.
_SCHEMES = {_LOCAL: SOURCE, "report number": "report", "hdl": "handle"}
_NO_IDENTIFIER = frozenset(("uri", "issue number"))
_DATES = ("dateIssued", "copyrightDate", "dateCreated")
_DETAILS = "details"
_INDENTED = re.compile(r"\s*\n[ \t]+")
_DOI_START = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_ORCID_START = re.compile(r"(?:https?://)?orcid\.org/", re.IGNORECASE)


class Mods(Format):
    """Reads and writes MODS."""

    name = "mods"
    label = gettext_lazy("MODS")
    extensions = ("mods", "xml")
    media_type = "application/mods+xml"

    def detects(self, sample: bytes) -> bool:
        """Tell by a record of MODS among the first elements."""
        return any(local(tag) in ("mods", "modsCollection") for tag in first_tags(sample))

    def read(self, file: BinaryIO, options: ReadOptions) -> Iterator[Row]:
        """Yield a Row for every record."""
        number = 0
        for number, element in enumerate(elements(file, ("mods",), options.encoding), start=1):
            yield _Record(element).row(number)
        if not number:
            raise FormatError(_("There is no record of MODS in this XML."))

    def pieces(self, drafts: Iterable[Draft]) -> Iterator[bytes]:
        """Yield one `mods` a draft, in a collection."""
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<modsCollection xmlns="{MODS}">\n'.encode()
        for draft in drafts:
            yield written(_element(draft))
        yield b"</modsCollection>\n"


class _Record:
    """One `mods` element, asked for the fields of a Draft."""

    def __init__(self, element: Element) -> None:
        self._element = element
        self._notes = Notes()
        self._by_name: dict[str, list[Element]] = {}
        for part in element:
            self._by_name.setdefault(local(part.tag), []).append(part)
        self._own = [one for part in element if local(part.tag) != "relatedItem" for one in part.iter()]

    def row(self, number: int) -> Row:
        notes = self._notes
        year, date = read_date(self._date(), notes)
        draft = Draft(
            title=self._title(self._element),
            authors=tuple(self._authors()),
            summary="\n\n".join(self._texts("abstract")),
            details=with_date(self._details(), date),
            source=self._source(),
            year=year,
            country=self._first("country"),
            url=self._url(),
            shelf_number=self._first("shelfLocator"),
            keywords=tuple(self._keywords()),
            language=read_language(self._language(), notes),
            kind=self._kind(),
            rights="; ".join(self._texts("accessCondition")),
            identifiers=tuple(self._identifiers()),
        )
        return notes.row(number, draft)

    def _parts(self, name: str, parent: Element | None = None) -> list[Element]:
        if parent is None:
            return self._by_name.get(name, [])
        return [part for part in parent if local(part.tag) == name]

    def _texts(self, name: str) -> list[str]:
        texts = (_INDENTED.sub(" ", "".join(part.itertext())).strip() for part in self._parts(name))
        return [text for text in texts if text]

    def _first(self, name: str) -> str:
        """Return the text of the first element of that name, however deep, but not of another work's."""
        return next((text for part in self._own if local(part.tag) == name and (text := text_of(part))), "")

    def _title(self, parent: Element) -> str:
        titles = self._parts("titleInfo", parent)
        title = next((part for part in titles if not part.get("type")), titles[0] if titles else None)
        if title is None:
            return ""

        def part(name: str) -> str:
            return next((text_of(one) for one in self._parts(name, title)), "")

        whole = " ".join(filter(None, (part("nonSort"), part("title"))))
        whole = ": ".join(filter(None, (whole, part("subTitle"))))
        return ". ".join(filter(None, (whole, part("partNumber"), part("partName"))))

    def _authors(self) -> Iterator[Name]:
        names = self._parts("name")
        authors = [name for name in names if _AUTHOR_ROLES & self._roles(name)]
        for name in authors or names:
            if heading := self._heading(name):
                orcids = (text_of(part) for part in self._parts("nameIdentifier", name) if part.get("type") == "orcid")
                orcid = _ORCID_START.sub("", next(orcids, ""))
                kind = codes.BODY if name.get("type") in _BODIES else codes.PERSON
                yield Name(heading, kind if name.get("type") else guess_name(heading).kind, orcid)

    def _roles(self, name: Element) -> set[str]:
        roles = self._parts("role", name)
        return {text_of(term).lower().rstrip(".") for role in roles for term in role} or {""}

    def _heading(self, name: Element) -> str:
        parts = [(part.get("type", ""), text_of(part)) for part in self._parts("namePart", name)]
        family, given = (" ".join(text for kind, text in parts if kind == wanted) for wanted in ("family", "given"))
        plain = ". ".join(text.rstrip(".") if len(parts) > 1 else text for kind, text in parts if not kind)
        return plain or ", ".join(filter(None, (family, given)))

    def _publishers(self) -> list[Element]:
        return [body for origin in self._parts("originInfo") for body in self._parts("publisher", origin)]

    def _details(self) -> str:
        """Return our own note of the details, or the imprint put together as a catalogue writes it."""
        own = [note for note in self._parts("note") if note.get("type") == _DETAILS]
        if own:
            return text_of(own[0])
        place = next((text_of(term) for term in self._own if _is_place(term)), "")
        publisher = "; ".join(filter(None, map(text_of, self._publishers())))
        imprint = ": ".join(filter(None, (place, publisher)))
        date = self._date() if imprint else ""
        return ". ".join(filter(None, (", ".join(filter(None, (imprint, date))), self._first("extent"))))

    def _source(self) -> str:
        hosts = [item for item in self._parts("relatedItem") if item.get("type") == "host"]
        return "; ".join(filter(None, map(self._title, hosts)))

    def _date(self) -> str:
        for name in _DATES:
            dates = [part for origin in self._parts("originInfo") for part in self._parts(name, origin)]
            dates.sort(
                key=lambda date: (date.get("keyDate") != "yes", date.get("point") == "end", not date.get("encoding"))
            )
            if dates:
                return text_of(dates[0])
        return ""

    def _url(self) -> str:
        urls = [url for place in self._parts("location") for url in self._parts("url", place)]
        urls.sort(key=lambda url: url.get("usage") not in ("primary", "primary display"))
        return text_of(urls[0]) if urls else ""

    def _keywords(self) -> Iterator[str]:
        """Yield the subjects; the parts of one are a heading with its subdivisions."""
        for subject in self._parts("subject"):
            parts = [
                part for part in subject if local(part.tag) in ("topic", "geographic", "temporal", "genre", "titleInfo")
            ]
            people = [self._heading(part) for part in self._parts("name", subject)]
            if heading := " -- ".join(filter(None, (*people, *map(text_of, parts)))):
                yield heading

    def _language(self) -> str:
        terms = [term for language in self._parts("language") for term in self._parts("languageTerm", language)]
        terms.sort(key=lambda term: term.get("type") != "code")
        return text_of(terms[0]) if terms else ""

    def _kind(self) -> str:
        texts = self._texts("genre")
        known = next((kind for text in texts if (kind := known_kind(text))), "")
        return known or (read_kind(texts[0], self._notes) if texts else "")

    def _identifiers(self) -> Iterator[Identifier]:
        for part in self._parts("identifier"):
            scheme, text = part.get("type", "").lower() or _LOCAL, text_of(part)
            if not text or part.get("invalid") == "yes" or scheme in _NO_IDENTIFIER:
                continue
            scheme = _SCHEMES.get(scheme, scheme)
            if scheme in ("isbn", "issn", "doi"):
                yield from read_identifiers(scheme, text, "", self._notes)
            else:
                yield Identifier(scheme.replace(" ", "-"), text)
        for info in self._parts("recordInfo"):
            yield from (Identifier(SOURCE, text_of(part)) for part in self._parts("recordIdentifier", info))


def _is_place(term: Element) -> bool:
    return local(term.tag) == "placeTerm" and term.get("type") != "code"


def _element(draft: Draft) -> Element:
    element = Element(_name("mods"), {"version": "3.7", f"{{{_XSI}}}schemaLocation": _SCHEMA})
    add(add(element, _name("titleInfo")), _name("title"), draft.title)
    for author in draft.authors:
        _add_author(element, author)
    _add(element, "genre", draft.kind, authority="local")
    _add_origin(element, draft)
    if draft.language:
        _add(add(element, _name("language")), "languageTerm", draft.language, type="code", authority="rfc5646")
    _add(element, "abstract", draft.summary)
    _add(element, "note", draft.details, type=_DETAILS)
    for keyword in draft.keywords:
        _add(add(element, _name("subject")), "topic", keyword)
    if draft.country:
        _add(add(add(element, _name("subject")), _name("hierarchicalGeographic")), "country", draft.country)
    if draft.source:
        host = add(element, _name("relatedItem"), type="host")
        _add(add(host, _name("titleInfo")), "title", draft.source)
    for item in draft.identifiers:
        _add(element, "identifier", item.value, type=_LOCAL if item.scheme == SOURCE else item.scheme)
    if draft.shelf_number or draft.url:
        place = add(element, _name("location"))
        _add(place, "shelfLocator", draft.shelf_number)
        _add(place, "url", draft.url, usage="primary")
    _add(element, "accessCondition", draft.rights, type="use and reproduction")
    return element


def _name(local_name: str) -> str:
    return f"{{{MODS}}}{local_name}"


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    if text:
        add(parent, _name(name), text, **attributes)


def _add_author(element: Element, author: Name) -> None:
    name = add(element, _name("name"), type="corporate" if author.kind == codes.BODY else "personal")
    _add(name, "namePart", author.heading)
    _add(add(name, _name("role")), "roleTerm", "author", type="text")
    _add(name, "nameIdentifier", author.orcid, type="orcid")


def _add_origin(element: Element, draft: Draft) -> None:
    imprint = read_imprint(draft.details)
    if draft.year is None and not imprint.publisher:
        return
    origin = add(element, _name("originInfo"))
    if imprint.place:
        _add(add(origin, _name("place")), "placeTerm", imprint.place, type="text")
    _add(origin, "publisher", imprint.publisher)
    _add(origin, "dateIssued", "" if draft.year is None else f"{draft.year:04d}", encoding="w3cdtf")
