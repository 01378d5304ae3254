"""From the tags of one RIS record to a Draft. `ris` and `refer` call it; what each tag means is in the tables here.

Left out: the key by which a reference manager knows a record (ID), files on somebody's disk, labels and custom fields.
"""

import re
from collections.abc import Iterator
from itertools import islice

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name
from catalogue.formats.base import Notes, shorten
from catalogue.formats.identifiers import SOURCE, read_identifiers, read_pair
from catalogue.formats.kinds import read_kind
from catalogue.formats.names import guess_name
from catalogue.formats.references import TOO_MANY, Reference, edition, standard_numbers, to_draft
from catalogue.formats.ris_records import Record

# The kind of document of each type. Those that are missing (GEN, UNPB, STAND, ...) say nothing that a kind could.
KINDS = {
    "report": ("RPRT", "GOVDOC"),
    "thesis": ("THES",),
    "conference": ("CONF", "CPAPER"),
    "article": ("JOUR", "EJOUR", "JFULL", "MGZN", "NEWS", "INPR", "ABST"),
    "chapter": ("CHAP", "ECHAP", "ENCYC", "DICT"),
    "book": ("BOOK", "EBOOK", "EDBOOK", "SER", "CLSWK"),
    "dataset": ("DATA", "DBASE", "AGGR"),
    "web": ("ELEC", "ICOMM", "BLOG"),
    "legal": ("LEGAL", "CASE", "STAT", "BILL", "UNBILL", "HEAR"),
    "media": ("MPCT", "VIDEO", "SOUND", "MUSIC", "ART", "MAP", "SLIDE", "FIGURE", "ADVS", "MULTI"),
}
_KIND_OF = {tag: kind for kind, tags in KINDS.items() for tag in tags}
# Types that a "type of work" (M3) may say more of.
REFINED = frozenset(("RPRT", "GEN", "UNPB", "UNPD", "GOVDOC"))
_OTHER_TYPES = frozenset(("GEN", "UNPB", "UNPD", "STAND", "COMP", "GRANT", "PAT", "PAMP", "PCOMM", "MANSCPT", "EQUA"))
# Documents that stand in another; the pages of all others are their extent.
_PARTS = frozenset(("article", "chapter", "conference"))
_REPORTS = frozenset(("RPRT", "GOVDOC", "STAND", "UNPB"))

_HOSTS = ("JF", "T2", "JO", "BT", "J2", "JA", "J1")
# What is written in notes with these labels, because RIS has no tag for it.
LABELS = {"Details": "details", "Source": "source", "Country": "country", "Rights": "rights"}
IDENTIFIER = "Identifier"
_LABELLED = re.compile(rf"({'|'.join((*LABELS, IDENTIFIER))}): (.*)", re.DOTALL)
_DATED = re.compile(r"\s*\d{4}\b")
_SPACED = re.compile(r",(?=\S)")
_SEVERAL = re.compile("[;\n]")
# "Fanning E." is a person, as some databases write one; "Shell U.K." is none.
_INITIALS = re.compile(r"([^\W\d_][\w'’-]+(?: [^\W\d_][\w'’-]+)?) (?!U\.(?:K|S)\.)((?:[^\W\d_]\.[ -]?)+)")

# Every tag that is known here. Those not named above are of use to reference managers alone.
_USED = "TY TI T1 BT CT TT ST AU A1 A2 A3 A4 ED PY Y1 DA AB N2 N1 KW PB CY LA CN DO SN M1 M3 AN DB DP UR LK L1 L2 L3 L4"
_UNUSED = "ER ID AD C1 C2 C3 C4 C5 C6 C7 C8 CA CP CR EP ET IS J1 J2 JA JF JO LB M2 NV OP PP RI RN RP SE SF SP TA T2 T3"
_MORE = "U1 U2 U3 U4 U5 U6 VL VO WT WV Y2 ER H1 H2 IP JI PMID"
KNOWN = frozenset((*_USED.split(), *_UNUSED.split(), *_MORE.split()))


def read_draft(record: Record) -> Draft:
    """Return the Draft of a record; what is odd in it goes into the record's notes."""
    notes = record.notes
    kind_tag, kind = _kind(record, notes)
    is_part = kind in _PARTS
    found = Reference(kind=kind)
    found.title = _first(record, "TI", "T1", "CT", *(() if is_part else ("BT", "T2", "T3")), "TT", "ST")
    found.authors = _names(record, "AU", "A1")
    found.editors = _names(record, "ED", "A2")
    found.summary = "\n\n".join(dict.fromkeys(_all(record, "AB", "N2")))
    found.date = _date(record)
    found.addresses = _addresses(record)
    found.language = _first(record, "LA")
    found.keywords = _keywords(_all(record, "KW"))
    found.shelf_number = _first(record, "CN")
    _add_publication(found, record, is_part)
    _add_notes(found, record)
    found.identifiers[:0] = _identifiers(record, kind_tag, notes)
    return to_draft(found, notes)


def _first(record: Record, *tags: str) -> str:
    for tag in tags:
        if found := record.values.get(tag):
            return found[0]
    return ""


def _all(record: Record, *tags: str) -> list[str]:
    return [value for tag in tags for value in record.values.get(tag, ())]


def _kind(record: Record, notes: Notes) -> tuple[str, str]:
    """Return the type and the kind of document that it is."""
    text = _first(record, "TY")
    tag = text.upper()
    kind = _KIND_OF.get(tag, "")
    if not kind and tag and tag not in _OTHER_TYPES:
        kind = read_kind(text, notes)
    if tag in REFINED and (work := _first(record, "M3")):
        own = Notes()
        refined = read_kind(work, own)
        kind = kind if own.warnings else refined
    return tag, kind


def _names(record: Record, *tags: str) -> list[Name]:
    """Return the names under these tags. A tag holds one, but there are programs that part several by ";" or lines."""
    parts = (part for text in _all(record, *tags) for part in _SEVERAL.split(text) if part.strip())
    return [_name(part) for part in islice(parts, TOO_MANY)]


def _name(text: str) -> Name:
    """A comma at the end is how reference managers mark the name of a body."""
    text = _SPACED.sub(", ", text.strip())
    if text.endswith(",") and text.count(",") == 1:
        return Name(text[:-1], codes.BODY)
    if match := _INITIALS.fullmatch(text):
        text = f"{match.group(1)}, {match.group(2)}"
    return guess_name(text)


def _date(record: Record) -> str:
    """Return the first date that begins with a year, else the first there is."""
    dates = _all(record, "PY", "Y1", "DA")
    return next((date for date in dates if _DATED.match(date)), dates[0] if dates else "")


def _addresses(record: Record) -> list[str]:
    return _all(record, "UR") or [text for text in _all(record, "L2", "LK", "L1") if text.startswith("http")]


def _keywords(texts: list[str]) -> list[str]:
    """Return one keyword a tag; where there is one tag alone, or it has several lines, all may stand in it."""
    if len(texts) == 1:
        return _SEVERAL.split(texts[0])
    return [keyword for text in texts for keyword in text.split("\n")]


def _add_publication(found: Reference, record: Record, is_part: bool) -> None:
    found.place, found.publisher = _first(record, "CY", "PP"), _first(record, "PB")
    first, last = _first(record, "SP"), _first(record, "EP")
    pages = f"{first}-{last}" if first and last and first != last and "-" not in first else first or last
    host = next((text for text in (_first(record, tag) for tag in _HOSTS) if text and text != found.title), "")
    if is_part:
        found.host, found.volume, found.issue, found.pages = (
            host,
            _first(record, "VL", "VO"),
            _first(record, "IS"),
            pages,
        )
    else:
        found.extent = pages
        number = _first(record, "VL", "IS")
        found.series = f"{host} {number}" if host else ""
    found.edition = edition(_first(record, "ET"))


def _add_notes(found: Reference, record: Record) -> None:
    remarks = []
    for note in _all(record, "N1"):
        match = _LABELLED.fullmatch(note)
        if match and match.group(1) == IDENTIFIER:
            found.identifiers.append(read_pair(match.group(2)))
        elif match and not getattr(found, LABELS[match.group(1)]):
            setattr(found, LABELS[match.group(1)], match.group(2))
        elif note not in found.summary:
            remarks.append(note)
    found.remarks = remarks


def _identifiers(record: Record, kind_tag: str, notes: Notes) -> Iterator[Identifier]:
    for text in _all(record, "DO"):
        yield from read_identifiers("doi", text, ";", notes)
    for text in _all(record, "SN"):
        yield from standard_numbers(text, "report" if kind_tag in _REPORTS else "", notes)
    if kind_tag in _REPORTS:
        yield from (Identifier("report", text) for text in _all(record, "M1"))
    database = _first(record, "DB", "DP")
    for number in _all(record, "AN"):
        yield Identifier(SOURCE, f"{database}: {number}") if database else Identifier("accession", number)


def unknown(record: Record) -> Iterator[tuple[str, str]]:
    """Yield each tag that no description of the format has, and how its value begins."""
    for tag in sorted(record.values.keys() - KNOWN):
        yield tag, shorten(_first(record, tag))
