"""A reference as reference managers know it, in many small fields, and how it becomes a Draft, which has one line for
the imprint and one for the work that a document stands in. The readers of RIS, BibTeX and CSL-JSON call it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalogue.draft import LIMITS, MOST_HEADINGS, Draft, Identifier, Name, clean_line
from catalogue.formats.addresses import encoded
from catalogue.formats.base import Notes, shorten
from catalogue.formats.identifiers import read_identifiers
from catalogue.formats.languages import known_language
from catalogue.formats.names import OTHERS
from catalogue.formats.years import read_date

# What says in a record that there are authors whom the file does not name.
OTHER_AUTHORS = "[et al.]"
# Kinds that the types of a format do not tell apart are written in its field for the type of work, too.
WORKS = {
    "evaluation": "Evaluation",
    "working-paper": "Working paper",
    "policy": "Policy document",
    "teaching": "Teaching material",
    "media": "Audio, video or image",
    "dataset": "Data set",
    "web": "Web page",
    "legal": "Legal document",
    "other": "Other",
}
# So many names are enough to be told that they are too many.
TOO_MANY = MOST_HEADINGS + 1
_DATE = re.compile(r"\s*(\d{4})(?:\s*/[\d/\s]*|-\d\d?(?:-\d\d?)?)?\s*")
_SEVERAL = re.compile(r"[;|,]?\s+(?=(?:https?|ftp)://|www\.)|[;|](?=(?:https?|ftp)://)", re.IGNORECASE)
_BARE = re.compile(r"(?:www\.|(?:[\w-]+\.)+[a-z]{2,24}/)", re.IGNORECASE)
_ISBN = re.compile(r"(?:97[89])?\d{9}[\dX]")
_ISSN = re.compile(r"\d{4}-?\d{3}[\dX]")
_DOI = re.compile(r"10\.[^\s{}\\]+")
_IN_BRACKETS = re.compile(r"(?<!\s)\s*+\([^()]*+\)")


@dataclass
class Reference:
    """The fields of one reference, as text. What a program wrote in Greyshelf's own terms (details, source) goes before
    what would be put together of the others.
    """

    title: str = ""
    authors: Sequence[Name] = ()
    editors: Sequence[Name] = ()
    summary: str = ""
    kind: str = ""
    date: str = ""
    addresses: Sequence[str] = ()
    accessed: str = ""
    language: str = ""
    keywords: Sequence[str] = ()
    place: str = ""
    publisher: str = ""
    edition: str = ""
    series: str = ""
    extent: str = ""
    remarks: Sequence[str] = ()
    host: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    details: str = ""
    source: str = ""
    country: str = ""
    shelf_number: str = ""
    rights: str = ""
    identifiers: list[Identifier] = field(default_factory=list)


def to_draft(found: Reference, notes: Notes) -> Draft:
    """Return the Draft of a reference. An odd value costs a warning, not the record."""
    year, undated = _read_date(found.date, notes)
    named, editors = _named(found.authors), _named(found.editors)
    others = len(named) + len(editors) < len(found.authors) + len(found.editors)
    marks = others_named(notes) if others else ""
    url = _read_addresses(found.addresses, notes)
    return Draft(
        title=_fit("title", found.title, notes),
        authors=tuple(named or editors),
        summary=_fit("summary", found.summary, notes),
        details=_fit("details", sentences((_details(found, undated, bool(named)), marks)), notes),
        source=_fit("source", found.source or _source(found, url, bool(named)), notes),
        year=year,
        country=found.country,
        url=url,
        shelf_number=found.shelf_number,
        keywords=tuple(found.keywords[:TOO_MANY]),
        language=known_language(found.language, notes),
        kind=found.kind,
        rights=_fit("rights", found.rights, notes),
        identifiers=tuple(found.identifiers),
    )


def others_named(notes: Notes) -> str:
    """Return what the details say where there are authors whom the file does not name, and tell of it."""
    notes.warn(_("There are more authors than are named; the details say so: %(mark)s") % {"mark": OTHER_AUTHORS})
    return OTHER_AUTHORS


def _named(names: Sequence[Name]) -> list[Name]:
    """Return the names without "others" and "et al.", which are none."""
    return [name for name in names if not OTHERS.fullmatch(name.heading.strip(" ,"))]


def _details(found: Reference, undated: str, has_authors: bool) -> str:
    if found.details:
        return sentences((found.details, undated))
    names = _headings(found.editors)
    editors = f"Ed. {names}" if has_authors and names and not found.host else ""
    date = undated or found.date
    year = clean_line(date if undated else _year_of(date))
    imprint = _imprint(found.place, found.publisher, year, found.extent)
    return sentences(
        (editors, found.edition, imprint, found.series, *found.remarks, "" if found.publisher else undated)
    )


def _year_of(date: str) -> str:
    match = re.search(r"\d{4}", date)
    return match.group() if match else date


def _source(found: Reference, url: str, has_authors: bool) -> str:
    names = _headings(found.editors)
    edited = f", ed. {names}," if has_authors and names else ""
    number = found.volume + (f"({found.issue})" if found.issue else "")
    host = f"{found.host}{edited} {number}".strip() if found.host else ""
    host = f"{host}, {found.pages}" if host and found.pages else host
    accessed = f"Internet Resource: Accessed {found.accessed} at: {url}" if found.accessed and url else ""
    return sentences((host.rstrip(","), accessed))


def _headings(names: Sequence[Name]) -> str:
    return "; ".join(name.heading for name in _named(names))


def _imprint(place: str, publisher: str, year: str, extent: str) -> str:
    """Return "Place: Publisher, Year. 26p." as `catalogue.imprint` reads it; the year only beside a publisher."""
    line = f"{place}: {publisher}" if place and publisher else publisher or place
    if publisher and year:
        line = f"{line.rstrip(',.')}, {year}."
    return sentences((line, f"{extent}p." if extent.isdecimal() else extent))


def sentences(parts: Iterable[str]) -> str:
    """Join what is not empty; all parts but the last end in a full stop."""
    *first, last = [line for part in parts if (line := clean_line(part))] or [""]
    return " ".join([*(line if line.endswith((".", "?", "!", ":")) else f"{line}." for line in first), last])


def _read_date(text: str, notes: Notes) -> tuple[int | None, str]:
    """Return the year of a date, and the date itself where no year can be read from it: it belongs into the details."""
    match = _DATE.fullmatch(text)
    return read_date(match.group(1) if match else text, notes)


def _read_addresses(texts: Iterable[str], notes: Notes) -> str:
    """Return the first text that is an address; the others, and what is none ("<Go to ISI>://..."), are told of."""
    found = []
    for text in (part.strip() for whole in texts for part in _SEVERAL.split(" ".join(whole.split()))):
        if address := encoded(f"http://{text}" if _BARE.match(text) else text, text, notes):
            found.append(address)
    others = [address for address in dict.fromkeys(found) if address != found[0]]
    if others:
        message = _("Of several addresses the first was taken; left out: %(value)s")
        notes.warn(message % {"value": shorten("; ".join(others))})
    return found[0] if found else ""


def _fit(name: str, text: str, notes: Notes) -> str:
    """Return the text cut to what its field can hold, with a warning: a long note must not cost a whole record."""
    limit = LIMITS[name]
    if len(text) <= limit:
        return text
    message = _("“%(field)s” is %(length)d characters long; it was cut at %(limit)d.")
    notes.warn(message % {"field": name, "length": len(text), "limit": limit})
    return text[: limit - 1] + "…"


def is_plain_doi(text: str) -> bool:
    """Tell whether a DOI is one that any program would take from its field as it is."""
    return bool(_DOI.fullmatch(text)) and [*read_identifiers("doi", text, ";", Notes())] == [Identifier("doi", text)]


def standard_number(text: str) -> str:
    """Tell by its form what a number is: "isbn", "issn", or neither (empty)."""
    digits = text.replace(" ", "").upper()
    if _ISSN.fullmatch(digits):
        return "issn"
    return "isbn" if _ISBN.fullmatch(digits.replace("-", "")) else ""


def standard_numbers(text: str, otherwise: str, notes: Notes) -> list[Identifier]:
    """Return the ISBNs and ISSNs of a text; what is neither is of the scheme `otherwise`, or left out without one."""
    found: list[Identifier] = []
    for part in re.split(r"[;,\n]|\s{2,}", _IN_BRACKETS.sub("", text)):
        number = part.strip()
        scheme = standard_number(number)
        if scheme or (otherwise and number):
            found.extend(read_identifiers(scheme or otherwise, number, "", notes))
        elif number:
            notes.warn(
                _("This is neither an ISBN nor an ISSN, and is left out: %(value)s") % {"value": shorten(number)}
            )
    return found


def edition(text: str) -> str:
    """Return an edition as it stands in the details."""
    if text.isdecimal():
        return f"Edition {text}"
    return f"{text} edition" if text.isalpha() else text
