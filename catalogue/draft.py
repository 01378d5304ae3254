"""A record as plain data. Formats read into and write from Drafts; forms, imports, history and undo speak them.

No Django model is known here, so that a format can be read, tested and fuzzed without a database.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Self, TypeVar

from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.folding import fold_heading

Item = TypeVar("Item")

TEXT_FIELDS = ("title", "summary", "details", "source", "country", "url", "shelf_number", "language", "rights")

# The longest value of each field, in characters: what the database columns and the forms hold.
LIMITS = {
    "title": 2_000,
    "summary": 100_000,
    "details": 5_000,
    "source": 5_000,
    "country": 200,
    "url": 2_000,
    "shelf_number": 100,
    "language": 3,
    "rights": 2_000,
    "withdrawn_reason": 2_000,
}
HEADING_LIMIT = 400
MOST_HEADINGS = 2_000
FIRST_YEAR, LAST_YEAR = 1, 2100

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Marks that turn the direction of what follows, up to the end of a page, and the one that only begins a file.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_URL = re.compile(r"^(https?|ftp)://[^\s/?#]+[^\s]*$", re.IGNORECASE)
_LANGUAGE = re.compile(r"^[a-z]{2,3}$")
_ORCID = re.compile(r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one value, in words for the person who brought it."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Name:
    """An author as a catalogue writes one: inverted for people ("Fletcher, Del Roy"), straight for bodies."""

    heading: str
    kind: str = codes.PERSON
    orcid: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that somebody else gave the document: scheme "doi", "isbn", "issn", "report" or "source"."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One bibliographic record. `year` is None when unknown; every other absent value is empty."""

    title: str = ""
    authors: tuple[Name, ...] = ()
    summary: str = ""
    details: str = ""
    source: str = ""
    year: int | None = None
    country: str = ""
    url: str = ""
    shelf_number: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    kind: str = ""
    rights: str = ""
    identifiers: tuple[Identifier, ...] = ()
    status: str = codes.PUBLISHED
    withdrawn_reason: str = ""
    replaced_by: int | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the Draft as JSON types, leaving out what is empty; `from_dict` gives the same Draft back."""
        # By name: dataclasses.asdict copies every value, which takes longer than all else in an export.
        plain = zip(_PLAIN, _plain_values(self), strict=True)
        values: dict[str, Any] = {name: value for name, value in plain if value is not None and value != ""}
        if self.authors:
            values["authors"] = [
                {key: value for key, value in (("heading", a.heading), ("kind", a.kind), ("orcid", a.orcid)) if value}
                for a in self.authors
            ]
        if self.keywords:
            values["keywords"] = list(self.keywords)
        if self.identifiers:
            values["identifiers"] = [{"scheme": item.scheme, "value": item.value} for item in self.identifiers]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build a Draft from JSON types.

        Raises ValueError, with a sentence for people, where a key is unknown or a value is of the wrong type.
        """
        unknown = values.keys() - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(_("There is no field called “%(name)s”.") % {"name": sorted(unknown)[0]})
        plain: dict[str, Any] = {key: _plain_value(key, value) for key, value in values.items() if key not in _COMPOUND}
        return cls(
            **plain,
            authors=tuple(_name(item) for item in _items(values, "authors")),
            keywords=tuple(_text("keywords", item) for item in _items(values, "keywords")),
            identifiers=tuple(_identifier(item) for item in _items(values, "identifiers")),
        )


_COMPOUND = ("authors", "keywords", "identifiers")
_PLAIN = tuple(one.name for one in fields(Draft) if one.name not in _COMPOUND)
_plain_values = attrgetter(*_PLAIN)


def _plain_value(key: str, value: Any) -> str | int | None:
    if key in ("year", "replaced_by"):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise ValueError(_("“%(field)s” must be a whole number.") % {"field": key})
        return value
    return _text(key, value)


def _items(values: dict[str, Any], key: str) -> list[Any]:
    items = values.get(key, [])
    if not isinstance(items, list):
        raise ValueError(_("“%(field)s” must be a list.") % {"field": key})
    return items


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_("“%(field)s” must be text.") % {"field": key})
    return value


def _name(item: Any) -> Name:
    if isinstance(item, str):
        return Name(item)
    if not isinstance(item, dict) or item.keys() - {"heading", "kind", "orcid"}:
        raise ValueError(_("An author must have a “heading”, and may have a “kind” and an “orcid”."))
    return Name(**{key: _text(key, value) for key, value in {"heading": "", **item}.items()})


def _identifier(item: Any) -> Identifier:
    if not isinstance(item, dict) or item.keys() != {"scheme", "value"}:
        raise ValueError(_("An identifier must have a “scheme” and a “value”."))
    return Identifier(_text("scheme", item["scheme"]), _text("value", item["value"]))


def clean_line(text: str) -> str:
    """Return the text in NFC on one line, without control characters and with single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _TURNS.sub("", text))
    # Most texts are printable and have single spaces, and to look is much quicker than to replace.
    if text.isprintable():
        return text.strip(" ") if "  " not in text else " ".join(text.split())
    return " ".join(_CONTROL.sub(" ", text).split())


def clean_text(text: str) -> str:
    """Return the text in NFC without control characters; its paragraphs stay apart."""
    if text.isprintable():  # then it is one line
        return clean_line(text)
    text = unicodedata.normalize("NFC", _TURNS.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))
    lines = (_SPACES.sub(" ", line).strip() for line in _CONTROL.sub(" ", text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean(draft: Draft) -> Draft:
    """Return the Draft as it is kept: NFC, no control characters, no repeated author or keyword, order unchanged."""
    identifiers = (Identifier(clean_line(item.scheme).lower(), clean_line(item.value)) for item in draft.identifiers)
    # Spelled out: dataclasses.replace takes as long as all the rest, and every record of an import comes by.
    return Draft(
        title=clean_line(draft.title),
        authors=tuple(_distinct([name for name in map(_clean_name, draft.authors) if name.heading], _heading)),
        summary=draft.summary and clean_text(draft.summary),
        details=draft.details and clean_line(draft.details),
        source=draft.source and clean_line(draft.source),
        year=draft.year,
        country=draft.country and clean_line(draft.country),
        url=draft.url and clean_line(draft.url),
        shelf_number=draft.shelf_number and clean_line(draft.shelf_number),
        keywords=tuple(_distinct(list(filter(None, map(clean_line, draft.keywords))), str)),
        language=draft.language and clean_line(draft.language),
        kind=draft.kind and clean_line(draft.kind),
        rights=draft.rights and clean_line(draft.rights),
        identifiers=tuple(dict.fromkeys(item for item in identifiers if item.value)) if draft.identifiers else (),
        status=draft.status,
        withdrawn_reason=draft.withdrawn_reason and clean_line(draft.withdrawn_reason),
        replaced_by=draft.replaced_by,
    )


def _clean_name(name: Name) -> Name:
    heading, orcid = clean_line(name.heading), name.orcid.strip().upper()
    return name if heading == name.heading and orcid == name.orcid else Name(heading, name.kind, orcid)


def _heading(name: Name) -> str:
    return name.heading


def _distinct(items: list[Item], heading: Callable[[Item], str]) -> Iterable[Item]:
    """Return the items whose headings differ after folding: the catalogue would link them to one authority."""
    if len(items) < 2:
        return items
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(fold_heading(heading(item)), item)
    return first.values()


def validate(draft: Draft) -> list[Problem]:
    """Return everything that keeps a cleaned Draft out of the catalogue; an empty list when it is good."""
    problems = [*_too_long(draft), *_wrong_codes(draft), *_wrong_headings(draft)]
    if not draft.title:
        problems.append(Problem("title", "", _("A record needs a title.")))
    if draft.year is not None and not FIRST_YEAR <= draft.year <= LAST_YEAR:
        reason = _("A year must lie between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        problems.append(Problem("year", str(draft.year), reason))
    if draft.url and not _URL.match(draft.url):
        problems.append(Problem("url", draft.url, _("An address must begin with http://, https:// or ftp://.")))
    return problems


def _too_long(draft: Draft) -> Iterator[Problem]:
    for name, limit in LIMITS.items():
        value = getattr(draft, name)
        if len(value) > limit and name != "language":
            reason = _("This is %(length)d characters long; the longest that can be kept is %(limit)d.")
            yield Problem(name, value[:80] + "…", reason % {"length": len(value), "limit": limit})


def _wrong_codes(draft: Draft) -> Iterator[Problem]:
    if draft.language and not _LANGUAGE.match(draft.language):
        yield Problem(
            "language", draft.language, _("A language is an ISO 639 code of two or three letters, like “en”.")
        )
    if draft.kind and draft.kind not in codes.KINDS:
        known = ", ".join(codes.KINDS)
        yield Problem(
            "kind", draft.kind, _("This is not a kind of document; choose among %(known)s.") % {"known": known}
        )
    if draft.status not in codes.STATUSES:
        yield Problem("status", draft.status, _("A record is a draft, in review, published or withdrawn."))
    for item in draft.identifiers:
        if not re.fullmatch(r"[a-z][a-z0-9:._-]{0,39}", item.scheme) or len(item.value) > HEADING_LIMIT:
            yield Problem("identifiers", f"{item.scheme}: {item.value[:80]}", _("This identifier cannot be kept."))


def _wrong_headings(draft: Draft) -> Iterator[Problem]:
    for name in draft.authors:
        if name.kind not in codes.AUTHOR_KINDS:
            yield Problem("authors", name.kind, _("An author is a person or a body."))
        if name.orcid and not is_orcid(name.orcid):
            yield Problem("authors", name.orcid, _("This is not a valid ORCID."))
    for where, headings in (("authors", [name.heading for name in draft.authors]), ("keywords", draft.keywords)):
        if len(headings) > MOST_HEADINGS:
            yield Problem(where, str(len(headings)), _("These are more than a record can have (%d).") % MOST_HEADINGS)
        for heading in headings:
            if len(heading) > HEADING_LIMIT:
                reason = _("A heading can have at most %d characters.") % HEADING_LIMIT
                yield Problem(where, heading[:80] + "…", reason)


def is_orcid(text: str) -> bool:
    """Tell whether the text is an ORCID iD whose last character is the right check digit (ISO 7064 MOD 11-2)."""
    if not _ORCID.match(text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return text[-1] == ("X" if check == 10 else str(check))
