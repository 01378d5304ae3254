"""From the variables of one CSL-JSON item to a Draft. `csljson` calls it; no value is believed to be of its type."""

import re
from typing import Any

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, is_orcid
from catalogue.formats.base import Notes
from catalogue.formats.identifiers import read_identifiers, read_pair
from catalogue.formats.kinds import read_kind
from catalogue.formats.names import guess_name
from catalogue.formats.references import Reference, edition, standard_numbers, to_draft

# The kind of document of each type; of those that are missing (document, manuscript, software, ...) none can be told.
KINDS = {
    "report": "report",
    "thesis": "thesis",
    "conference": "paper-conference speech",
    "article": "article-journal article-magazine article-newspaper review review-book",
    "working-paper": "article",
    "chapter": "chapter entry entry-dictionary entry-encyclopedia",
    "book": "book collection classic",
    "dataset": "dataset",
    "web": "webpage post post-weblog",
    "legal": "legislation bill legal_case hearing regulation treaty",
    "media": "motion_picture broadcast figure graphic map song musical_score performance",
}
_KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}
_SILENT = "document manuscript pamphlet patent periodical software standard event"
_SAYS_NOTHING = frozenset(_SILENT.split())
_REFINED = frozenset((*_SAYS_NOTHING, "report", "article"))
PARTS = frozenset(("article", "chapter", "conference"))
# What stands under "custom" by the names of Drafts, as text.
CUSTOM = ("details", "source", "country", "rights")
# The marks that the format allows in texts, and those of articles that were taken out of JATS.
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span|p|div|br|title|sec|jats:[\w-]+)\b[^<>]*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"</(?:jats:)?p>|<br\s*/?>", re.IGNORECASE)


def read_draft(values: dict[str, Any], notes: Notes) -> Draft:
    """Return the Draft of an item; what is odd in it goes into the notes."""
    custom = values.get("custom")
    custom = custom if isinstance(custom, dict) else {}
    kind = _kind(_text(values, "type"), _text(values, "genre"), notes)
    found = Reference(
        title=printed(_text(values, "title")),
        authors=_with_orcids(_names(values.get("author")), custom.get("orcids")),
        editors=_names(values.get("editor")),
        summary=printed(_text(values, "abstract")),
        kind=kind,
        date=_date(values.get("issued")),
        addresses=[_text(values, "URL")],
        accessed=_date(values.get("accessed")),
        language=_text(values, "language"),
        keywords=_texts(custom.get("keywords")) or _keywords(_text(values, "keyword")),
        place=_text(values, "publisher-place"),
        publisher=_text(values, "publisher"),
        edition=edition(_text(values, "edition")),
        shelf_number=_text(values, "call-number"),
        identifiers=_identifiers(values, custom, kind, notes),
        **{name: _text(custom, name) for name in CUSTOM},
    )
    _add_host(found, values, kind)
    return to_draft(found, notes)


def _text(values: dict[str, Any], name: str) -> str:
    """Return a text or a number as text; anything else is none."""
    value = values.get(name)
    if isinstance(value, str):
        return _whole(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) and value < 10**15 else ""


def _whole(text: str) -> str:
    """Return the text without halves of characters ("\\ud800"), which nothing can store."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _texts(value: Any) -> list[str]:
    return [_whole(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []


def printed(text: str) -> str:
    """Return a text without its marks; paragraphs stay apart."""
    return _MARKUP.sub("", _PARAGRAPH.sub("\n\n", text)) if "<" in text else text


def _kind(name: str, genre: str, notes: Notes) -> str:
    kind = _KIND_OF.get(name, "")
    if not kind and name and name not in _SAYS_NOTHING:
        kind = read_kind(name, notes)
    if name in _REFINED and genre:
        own = Notes()
        refined = read_kind(genre, own)
        kind = kind if own.warnings else refined
    return kind


def _names(value: Any) -> list[Name]:
    return [name for item in value if (name := _name(item)).heading] if isinstance(value, list) else []


def _name(item: Any) -> Name:
    if isinstance(item, str):
        return guess_name(item)
    if not isinstance(item, dict):
        return Name("")
    if literal := _text(item, "literal"):
        return Name(literal, codes.BODY)
    particles = [_text(item, "dropping-particle"), _text(item, "non-dropping-particle")]
    last = " ".join(filter(None, (*particles, _text(item, "family"))))
    return Name(", ".join(filter(None, (last, _text(item, "given"), _text(item, "suffix")))))


def _with_orcids(names: list[Name], orcids: Any) -> list[Name]:
    """Return the names with the ORCIDs that stand in a list beside them, one for each or empty."""
    found = _texts(orcids)
    if len(found) != len(names):
        return names
    return [
        Name(name.heading, name.kind, orcid if is_orcid(orcid) else "")
        for name, orcid in zip(names, found, strict=True)
    ]


def _date(value: Any) -> str:
    """Return the date as text: the first of "date-parts", or what somebody wrote."""
    if not isinstance(value, dict):
        return _whole(value) if isinstance(value, str) else ""
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(first, list) and first:
        texts = [str(part) for part in first[:3] if isinstance(part, int | str)]
        return "-".join([text.zfill(4 if at == 0 else 2) for at, text in enumerate(texts)])
    return next((text for name in ("raw", "literal", "edtf") if (text := _text(value, name))), "")


def _keywords(text: str) -> list[str]:
    return text.split(";") if ";" in text else text.split(",")


def _add_host(found: Reference, values: dict[str, Any], kind: str) -> None:
    found.pages, volume = _text(values, "page"), _text(values, "volume")
    host = printed(_text(values, "container-title"))
    series = " ".join(filter(None, (_text(values, "collection-title"), _text(values, "collection-number"))))
    if kind in PARTS:
        found.host, found.volume, found.issue = host, volume, _text(values, "issue")
    else:
        found.extent = _text(values, "number-of-pages") or found.pages
        series = ". ".join(filter(None, (host, series, f"Vol. {volume}" if volume else "")))
    found.series = series
    found.remarks = [_text(values, "note")]


def _identifiers(values: dict[str, Any], custom: dict[str, Any], kind: str, notes: Notes) -> list[Identifier]:
    found = list(read_identifiers("doi", _text(values, "DOI"), ";", notes))
    for name, scheme in (("ISBN", "isbn"), ("ISSN", "issn")):
        found.extend(standard_numbers(_text(values, name), scheme, notes))
    if kind not in PARTS and (number := _text(values, "number")):
        found.append(Identifier("report", number))
    for name in ("PMID", "PMCID"):
        if number := _text(values, name):
            found.append(Identifier(name.lower(), number))
    return [*found, *map(read_pair, _texts(custom.get("identifiers")))]
