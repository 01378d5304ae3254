"""From the fields of one BibTeX or BibLaTeX entry to a Draft. `bibtex` calls it. What fields mean is said here.

Left out: the key, which means something in its own file alone; notes to oneself (annote, annotation); and what only
says how an entry is sorted, labelled or printed.
"""

import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from catalogue.draft import Draft, Identifier, Name
from catalogue.formats.base import Notes, shorten
from catalogue.formats.bibtex_entries import Parsed
from catalogue.formats.bibtex_names import listed, pairs, read_names, several
from catalogue.formats.identifiers import read_identifiers, read_pair
from catalogue.formats.kinds import read_kind
from catalogue.formats.latex import plain, unknown, verbatim
from catalogue.formats.references import Reference, edition, standard_numbers, to_draft
from catalogue.imprint import read_imprint

# The kind of document of each type of entry; those of "misc" and its like is said by their field "type", if at all.
KINDS = {
    "report": "report techreport",
    "thesis": "thesis phdthesis mastersthesis",
    "conference": "conference inproceedings proceedings mvproceedings",
    "article": "article suppperiodical review",
    "chapter": "incollection inbook suppbook bookinbook inreference suppcollection incollectionbook",
    "book": "book mvbook collection mvcollection booklet reference mvreference",
    "dataset": "dataset",
    "web": "online electronic www webpage",
    "legal": "legal legislation jurisdiction legmaterial",
    "media": "audio video movie music image artwork performance",
}
_KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}
_SAYS_NOTHING = frozenset(
    ["misc", "unpublished", "manual", "periodical", "software", "patent", "standard", "bibnote", "letter", "commentary"]
)
_REFINED = frozenset((*_SAYS_NOTHING, "report", "techreport"))
REPORTS = frozenset(("report", "techreport"))
# Entries of a document that stands in another one: what they take over from it is called by another name.
PARTS = frozenset(
    ["conference", "inproceedings", "incollection", "inbook", "suppbook", "bookinbook", "inreference", "suppcollection"]
)
_IN_A_JOURNAL = frozenset(("article", "suppperiodical", "review"))

_PLACES = ("location", "address")
_PUBLISHERS = ("publisher", "institution", "school", "organization")
# The names that babel has for languages and a librarian has not.
_LANGUAGES = {
    "american": "en", "usenglish": "en", "british": "en", "ukenglish": "en", "canadian": "en", "australian": "en",
    "newzealand": "en", "ngerman": "de", "austrian": "de", "naustrian": "de", "swissgerman": "de", "nswissgerman": "de",
    "frenchb": "fr", "francais": "fr", "acadian": "fr", "canadien": "fr", "brazil": "pt", "brazilian": "pt",
    "portuges": "pt", "mexican": "es", "latin": "la", "polutonikogreek": "el", "norsk": "nb", "nynorsk": "nn",
}  # fmt: skip
# What is no LaTeX, though some of its signs may be escaped in it.
_VERBATIM = frozenset(("url", "link", "doi", "eprint"))
_SCHEME = re.compile(r"[^a-z0-9._-]+")
_URL = re.compile(r"\\(?:url|path|nolinkurl|href)\s*\{([^{}]*)\}")
_NOT_KNOWN = re.compile(r"[\s{}–-]*\?[\s{}?–-]*")


def read_draft(entry: Parsed, fields: Mapping[str, str]) -> Draft:
    """Return the Draft of an entry whose cross-references were followed; what is odd goes into the entry's notes."""
    read = _Fields(fields)
    kind = _kind(entry.kind, read.text("type"), entry.notes)
    found = Reference(
        title=_titled(read, "title", "subtitle", "titleaddon"),
        authors=_authors(read, "author"),
        editors=_authors(read, "editor"),
        summary=read.text("abstract"),
        kind=kind,
        date=read.text("date") or read.text("year"),
        addresses=_addresses(read),
        accessed=read.text("urldate"),
        language=_language(read),
        keywords=listed(fields.get("keywords", "") or fields.get("keyword", "")),
        place=read.known(*_PLACES),
        publisher=read.known(*_PUBLISHERS),
        edition=edition(read.text("edition")),
        source=_how_published(fields.get("howpublished", "")),
        country=read.text("country"),
        shelf_number=read.text("shelfnumber"),
        rights=read.text("rights"),
        identifiers=list(_identifiers(entry.kind, read, entry.notes)),
    )
    _add_host(found, entry.kind, read)
    _add_remarks(found, entry.kind, read)
    if commands := unknown(value for name, value in fields.items() if name not in _VERBATIM):
        message = _("These commands of LaTeX are not known, and are left out: %(commands)s")
        entry.notes.warn(message % {"commands": shorten(", ".join(commands))})
    return to_draft(found, entry.notes)


class _Fields:
    """The fields of an entry, read as they are asked for."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.raw = fields

    def text(self, *names: str) -> str:
        """Return the first of these fields that says anything, as text."""
        for name in names:
            if (value := self.raw.get(name)) and (text := " ".join(plain(value).split())):
                return text
        return ""

    def known(self, *names: str) -> str:
        """Return the first of these fields that says anything; "????" is how some write what they do not know."""
        return self.text(*(name for name in names if not _NOT_KNOWN.fullmatch(self.raw.get(name, ""))))

    def verbatim(self, *names: str) -> str:
        """Return the first of these fields that says anything, as the address or number that it is."""
        return next((text for name in names if (text := verbatim(self.raw.get(name, "")).strip())), "")


def _kind(kind: str, work: str, notes: Notes) -> str:
    found = _KIND_OF.get(kind, "")
    if not found and kind not in _SAYS_NOTHING:
        found = read_kind(kind, notes)
    if kind in _REFINED and work:
        own = Notes()
        refined = read_kind(work, own)
        found = found if own.warnings else refined
    return found


def _titled(read: _Fields, title: str, subtitle: str, addition: str = "") -> str:
    whole = read.text(title)
    below, added = read.text(subtitle), read.text(addition) if addition else ""
    if whole and below:
        whole = f"{whole}{' ' if whole.endswith((':', '?', '!')) else ': '}{below}"
    return f"{whole} ({added})" if whole and added else whole or below


def _authors(read: _Fields, name: str) -> list[Name]:
    return read_names(read.raw.get(name, "")) if read.raw.get(name) else []


def _addresses(read: _Fields) -> list[str]:
    """Return the addresses: the field for them, or those that stand where older styles have them."""
    texts = [read.raw.get("url", "") or read.raw.get("link", "")]
    if not texts[0].strip():
        texts = [url for name in ("howpublished", "note") for url in _URL.findall(read.raw.get(name, ""))][:1]
    return [verbatim(text) for text in texts if text.strip()]


def _how_published(value: str) -> str:
    """Return what the field says besides an address."""
    text = _URL.sub("", value) if "\\" in value else value
    return plain(text) if text == value or any(character.isalnum() for character in text) else ""


def _language(read: _Fields) -> str:
    first = (several(read.raw.get("language", "") or read.raw.get("langid", "")) or [""])[0]
    return _LANGUAGES.get(first.lower(), first)


def _add_host(found: Reference, kind: str, read: _Fields) -> None:
    """Add the work that a document stands in, or, to a whole work, its series and extent."""
    found.volume, pages = read.known("volume"), read.known("pages")
    if kind in _IN_A_JOURNAL:
        found.host = _titled(read, "journaltitle", "journalsubtitle") or read.text("journal", "fjournal")
        found.issue, found.pages = read.known("number", "issue"), pages or read.known("eid")
    elif kind in PARTS:
        found.host = _titled(read, "booktitle", "booksubtitle") or _titled(read, "maintitle", "mainsubtitle")
        found.pages = pages
    if not found.host:
        found.extent = read.known("pagetotal") or pages
        main = _titled(read, "maintitle", "mainsubtitle") or read.text("journal", "journaltitle")
        found.series = f"{main}, vol. {found.volume}" if main and found.volume else main
        found.volume = "" if main else found.volume
    series, number = read.text("series"), read.known("number")
    if series:
        number = number if number and kind not in REPORTS and number != found.issue else ""
        of_series = f"{series} {number}".strip()
        found.series = f"{found.series}. {of_series}" if found.series else of_series
    if found.volume and not found.host:
        found.series = f"{found.series}, vol. {found.volume}" if found.series else f"Vol. {found.volume}"


def _add_remarks(found: Reference, kind: str, read: _Fields) -> None:
    """Add what stands in notes. A note that holds the imprint itself was written by a catalogue like this one."""
    note = plain(_URL.sub(r"\1", read.raw.get("note", "")))
    own = read_imprint(" ".join(note.split()))
    if found.publisher and (own.publisher, own.place) == (found.publisher, found.place):
        found.details = note
        return
    work = read.text("type")
    translators = "; ".join(name.heading for name in _authors(read, "translator"))
    found.remarks = [
        work if work and not _is_said(work) else "",
        f"Transl. {translators}" if translators else "",
        note,
        read.text("addendum"),
    ]


def _is_said(work: str) -> bool:
    """Tell whether a type of work says no more than a kind of document does; "resreport" is a word of BibLaTeX."""
    own = Notes()
    read_kind(work, own)
    return not own.warnings or work in ("resreport", "mathesis", "candthesis", "techreport")


def _identifiers(kind: str, read: _Fields, notes: Notes) -> Iterator[Identifier]:
    yield from read_identifiers("doi", read.verbatim("doi"), ";", notes)
    for name in ("isbn", "issn"):
        if text := read.text(name):
            yield from standard_numbers(text, name, notes)
    if kind in REPORTS and (number := read.text("number")):
        yield Identifier("report", number)
    if number := read.verbatim("eprint"):
        scheme = _SCHEME.sub("-", read.text("eprinttype", "archiveprefix").lower()).strip("-") or "eprint"
        yield Identifier(scheme[:40] if scheme[0].isalpha() else "eprint", number)
    yield from (read_pair(text) for text in pairs(read.raw.get("identifiers", "")))
