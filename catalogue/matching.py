"""Finds the record that a row of a file is about, if there is one: named rules, tried in order, that never guess.

Each rule is a function that yields what two descriptions of one document have in common; its docstring says when it
holds. A number in the source is enough. Elsewhere the titles must be alike, and nothing may speak against it: other
numbers in the same source, other shelf numbers, and where only the title leads there, other addresses or identifiers.
So an address that a thousand records share is no evidence, nor an ISBN of several volumes.
"""

import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue import codes, likeness
from catalogue.draft import Draft
from catalogue.folding import FOLD_SQL, fold_heading
from catalogue.models import IDENTIFIER_KEY_SQL, URL_KEY_SQL

SOURCE = "source"

FILL, OVERWRITE, SKIP, ADD, CREATE = "fill", "overwrite", "skip", "add", "create"
# What is done with a row that is about a record of the catalogue, and with one that is only near one.
ON_MATCH = {
    FILL: _("fill the empty fields of the record"),
    OVERWRITE: _("overwrite fields of the record"),
    SKIP: _("leave the record as it is"),
    ADD: _("add a second record"),
}
ON_NEAR = {CREATE: _("make a new record"), SKIP: _("set the row aside")}

# Of what leads to more records than this, only so many are looked at.
MOST_CANDIDATES = 50
MOST_OF_ONE_TITLE = 200
# A number or address that leads to more records than this proves nothing unless the titles are the same.
MOST_SHARING = 3


folded = functools.lru_cache(20_000)(fold_heading)


def source(draft: Draft) -> Iterator[str]:
    """The source itself gave both the same number; not even the titles are compared."""
    return (f"{item.scheme} {item.value}" for item in draft.identifiers if is_source(item.scheme))


def shelf_number(draft: Draft) -> Iterator[str]:
    """The shelf numbers are the same, and the titles alike."""
    return iter([draft.shelf_number] if draft.shelf_number else [])


def url(draft: Draft) -> Iterator[str]:
    """The addresses are the same but for http or https, "www." and a last slash, and the titles alike."""
    return iter([url_key(draft.url)] if draft.url else [])


def doi(draft: Draft) -> Iterator[str]:
    """The DOIs are the same, and the titles alike."""
    return _identified(draft, "doi")


def isbn(draft: Draft) -> Iterator[str]:
    """The ISBNs are the same, with 10 or 13 digits, and the titles alike: volumes may share one."""
    return _identified(draft, "isbn")


def report(draft: Draft) -> Iterator[str]:
    """The report numbers are the same, and the titles alike."""
    return _identified(draft, "report")


def title(draft: Draft) -> Iterator[str]:
    """Title, year and first author are the same without case and accents."""
    if draft.year:
        yield f"{folded(draft.title)}\n{draft.year}\n{first_author(draft)}"


def same(draft: Draft) -> Iterator[str]:
    """The record says all that the row says, its title included."""
    return iter([folded(draft.title)])


@dataclass(frozen=True)
class Rule:
    name: str
    label: str | Promise
    keys: Callable[[Draft], Iterator[str]]
    by_identifier: bool = False

    @property
    def explanation(self) -> str:
        return self.keys.__doc__ or ""


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("source", _("the number in the source"), source, by_identifier=True),
        Rule("shelf_number", _("shelf number"), shelf_number),
        Rule("url", _("address on the web"), url),
        Rule("doi", _("DOI"), doi, by_identifier=True),
        Rule("isbn", _("ISBN"), isbn, by_identifier=True),
        Rule("report", _("report number"), report, by_identifier=True),
        Rule("title", _("title, year and first author"), title),
        Rule("same", _("everything that the row says"), same),
    )
}
_IDENTIFIERS = ("doi", "isbn", "report")
_BY_TITLE = ("title", "same")


@dataclass(frozen=True)
class Matching:
    """How an import looks for the records that its rows are about, and what it does with those that it finds.

    `rules` are names of RULES, tried in this order. `overwrite` are the fields that OVERWRITE replaces; empty for all
    that the row fills.
    """

    rules: tuple[str, ...] = tuple(RULES)
    on_match: str = FILL
    overwrite: tuple[str, ...] = ()
    on_near: str = CREATE


def is_source(scheme: str) -> bool:
    return scheme == SOURCE or scheme.startswith("source:")


def url_key(text: str) -> str:
    """Return what two spellings of one address have in common."""
    return re.sub(r"^https?://(www\.)?", "", text, flags=re.IGNORECASE).rstrip("/").lower()


def first_author(draft: Draft) -> str:
    return folded(draft.authors[0].heading) if draft.authors else ""


_LEFT_OUT = str.maketrans("", "", " -–./:")


def identifier_key(value: str) -> str:
    return value.translate(_LEFT_OUT).lower()


def _identified(draft: Draft, scheme: str) -> Iterator[str]:
    keys = (identifier_key(item.value) for item in draft.identifiers if item.scheme == scheme)
    return map(isbn_13, keys) if scheme == "isbn" else keys


def isbn_13(digits: str) -> str:
    """Return an ISBN of ten digits with thirteen; anything else as it is."""
    if not re.fullmatch(r"\d{9}[\dx]", digits):
        return digits
    body = "978" + digits[:9]
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _isbn_10(digits: str) -> str:
    body = digits[3:12]
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(body))
    return body + "0123456789x"[-total % 11]


@dataclass(eq=False, slots=True)
class Target:
    """A record that rows may be about: of the catalogue (`number`), or one that a row of the batch makes (`row`).

    `first` is what the row that makes it says; `rows` are further rows that are about it, each with the rule that said
    so; `near` is a record that it is near to.
    """

    draft: Draft
    number: int | None = None
    before: Draft | None = None
    first: Draft | None = None
    row: int = 0
    rows: list[tuple[int, Draft, str]] = field(default_factory=list)
    near: "Target | None" = None


class Candidates:
    """The records that share a key with any Draft of a batch, and those that the batch itself makes."""

    def __init__(self, rules: Sequence[str]) -> None:
        self.rules = [RULES[name] for name in rules]
        self.by_key: dict[tuple[str, str], list[Target]] = defaultdict(list)

    def add(self, target: Target) -> None:
        for rule in RULES.values():
            if rule.by_identifier and not target.draft.identifiers:
                continue
            for key in rule.keys(target.draft):
                self.by_key[rule.name, key].append(target)

    def match(self, draft: Draft) -> tuple[Target, str] | None:
        """Return the record that the Draft is about and the name of the rule that says so: the first rule's oldest."""
        for rule in self.rules:
            if rule.by_identifier and not draft.identifiers:
                continue
            for key in rule.keys(draft):
                sharing = self.by_key.get((rule.name, key))
                if not sharing:
                    continue
                shared = len(sharing) > MOST_SHARING
                found = [one for one in sharing[:MOST_OF_ONE_TITLE] if agree(rule.name, draft, one.draft, shared)]
                if found:
                    # The very title before one with another ending.
                    return max(found, key=lambda one: folded(one.draft.title) == folded(draft.title)), rule.name
        return None

    def near(self, draft: Draft) -> Target | None:
        """Return a record of the same title, or of the same DOI, that something keeps from being a match."""
        for key in doi(draft):
            for target in self.by_key.get(("doi", key), ())[:MOST_CANDIDATES]:
                if not _other_numbers(draft, target.draft):
                    return target
        for target in self.by_key.get(("same", folded(draft.title)), ())[:MOST_OF_ONE_TITLE]:
            if may_be_same(draft, target.draft):
                return target
        return None


def agree(rule: str, one: Draft, other: Draft, shared: bool = False) -> bool:
    """Tell whether two Drafts that share a key of a rule are about one document by this rule."""
    if rule == "source":
        return True
    if _other_numbers(one, other):
        return False
    if rule == "shelf_number":
        return _titles_agree(one, other, shared)
    if _differ(one.shelf_number, other.shelf_number):
        return False
    if rule not in _BY_TITLE:
        return _titles_agree(one, other, shared)
    if _others_by_which_told(one, other):
        return False
    return rule == "title" or _says_all(other, one)


def _titles_agree(one: Draft, other: Draft, shared: bool) -> bool:
    if shared:
        return folded(one.title) == folded(other.title)
    return likeness.alike(one.title, other.title)


def _other_numbers(one: Draft, other: Draft) -> bool:
    """Tell whether one source gave them different numbers."""
    schemes = {item.scheme for item in one.identifiers if is_source(item.scheme)}
    return any(_disjoint(_values(one, scheme), _values(other, scheme)) for scheme in schemes)


def _others_by_which_told(one: Draft, other: Draft) -> bool:
    """Tell whether they have different addresses or identifiers."""
    if one.url and other.url and url_key(one.url) != url_key(other.url):
        return True
    return any(
        _disjoint(set(_identified(one, scheme)), set(_identified(other, scheme)))
        for scheme in _IDENTIFIERS
        if one.identifiers and other.identifiers
    )


def _values(draft: Draft, scheme: str) -> set[str]:
    return {item.value for item in draft.identifiers if item.scheme == scheme}


def _disjoint(one: set[str], other: set[str]) -> bool:
    return bool(one and other and not one & other)


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _says_all(record: Draft, row: Draft) -> bool:
    return overwritten(row, record) == record


def may_be_same(one: Draft, other: Draft) -> bool:
    """Tell of two Drafts with like titles whether all else allows that they are about one document.

    Years may be one apart, of the first authors the surnames must be the same, and no numbers may differ.
    """
    if one.year and other.year and abs(one.year - other.year) > 1:
        return False
    surnames = [first_author(draft).partition(",")[0] for draft in (one, other)]
    if _differ(*surnames) or _differ(one.shelf_number, other.shelf_number):
        return False
    return not (_other_numbers(one, other) or _others_by_which_told(one, other))


def filled(row: Draft, record: Draft) -> Draft:
    """Return the record with what the row says where the record says nothing."""
    values = {name: value for name, value in _said(row) if getattr(record, name) in ("", None, ())}
    if row.identifiers and record.identifiers:
        schemes = {item.scheme for item in record.identifiers}
        new = (item for item in row.identifiers if item.scheme not in schemes or is_source(item.scheme))
        values["identifiers"] = tuple(dict.fromkeys((*record.identifiers, *new)))
    return replace(record, **values) if values else record


def overwritten(row: Draft, record: Draft, fields: Sequence[str] = ()) -> Draft:
    """Return the record with what the row says in these fields, or in all, and with the others filled.

    Where the row says nothing, the record keeps what it has; identifiers are never taken away.
    """
    wanted = set(fields) or set(Draft.__dataclass_fields__)
    values: dict[str, Any] = {name: value for name, value in _said(row) if name in wanted}
    if row.status != codes.PUBLISHED and "status" in wanted:
        values["status"] = row.status
    values["identifiers"] = tuple(dict.fromkeys((*record.identifiers, *row.identifiers)))
    if "identifiers" not in wanted:
        values["identifiers"] = filled(row, record).identifiers
    return filled(row, replace(record, **values))


def _said(draft: Draft) -> Iterator[tuple[str, Any]]:
    for name in Draft.__dataclass_fields__:
        value = getattr(draft, name)
        if name != "status" and value not in ("", None, ()):
            yield name, value


_FOUND = f"""
SELECT found.id FROM unnest(%(identifiers)s::text[]) AS k(key) CROSS JOIN LATERAL (
    SELECT record_id AS id FROM catalogue_recordidentifier
    WHERE {IDENTIFIER_KEY_SQL.format(column="value")} = k.key LIMIT {MOST_CANDIDATES}) AS found
UNION
SELECT found.id FROM unnest(%(shelves)s::text[]) AS k(key) CROSS JOIN LATERAL (
    SELECT id FROM catalogue_record
    WHERE shelf_number = k.key AND NOT shelf_number = '' LIMIT {MOST_CANDIDATES}) AS found
UNION
SELECT found.id FROM unnest(%(urls)s::text[]) AS k(key) CROSS JOIN LATERAL (
    SELECT id FROM catalogue_record
    WHERE {URL_KEY_SQL.format(column="url")} = k.key AND NOT url = '' LIMIT {MOST_CANDIDATES}) AS found
UNION
SELECT found.id FROM unnest(%(titles)s::text[], %(years)s::integer[]) AS k(key, year) CROSS JOIN LATERAL (
    SELECT id FROM catalogue_record
    WHERE md5({FOLD_SQL.format(column="title")}) = k.key
    AND (k.year IS NULL OR year IS NULL OR year BETWEEN k.year - 1 AND k.year + 1)
    LIMIT {MOST_OF_ONE_TITLE}) AS found
"""  # noqa: S608 - nothing but constants of ours

_NEAR = """
SELECT k.place, found.id, found.title FROM unnest(%(places)s::bigint[], %(keys)s::bigint[]) AS k(place, key)
CROSS JOIN LATERAL (SELECT id, title FROM catalogue_record WHERE {column} = k.key LIMIT %(most)s) AS found
"""


def candidate_numbers(drafts: Sequence[Draft]) -> list[int]:
    """Return the numbers of the records that share a key with any of the Drafts, in one query."""
    titles = list(dict.fromkeys((_md5(folded(draft.title)), draft.year) for draft in drafts))
    values: dict[str, Any] = {
        "identifiers": list({key for draft in drafts for key in _identifier_keys(draft)}),
        "shelves": list({draft.shelf_number for draft in drafts if draft.shelf_number}),
        "urls": list({_md5(url_key(draft.url)) for draft in drafts if draft.url}),
        "titles": [key for key, _year in titles],
        "years": [year for _key, year in titles],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, values)
        return sorted(number for (number,) in cursor.fetchall())


def _identifier_keys(draft: Draft) -> Iterator[str]:
    for item in draft.identifiers:
        key = identifier_key(item.value)
        yield key
        if item.scheme == "isbn":
            yield isbn_13(key)
            if re.fullmatch(r"978\d{10}", key):
                yield _isbn_10(key)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def near_numbers(drafts: Sequence[Draft]) -> dict[int, list[int]]:
    """Return, by the place of a Draft, the numbers of records whose title differs from its by no more than a typo."""
    found: dict[int, list[int]] = defaultdict(list)
    keys = [(place, *likeness.near_keys(draft)) for place, draft in enumerate(drafts)]
    for which, column in ((1, "near_start"), (2, "near_end")):
        asked = [(key[0], key[which]) for key in keys if key[which] is not None]
        if not asked:
            continue
        places, wanted = zip(*asked, strict=True)
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"places": list(places), "keys": list(wanted), "most": MOST_CANDIDATES}
            cursor.execute(_NEAR.format(column=column), values)
            for place, number, text in cursor.fetchall():
                if number not in found[place] and likeness.alike(text, drafts[place].title):
                    found[place].append(number)
    return {place: numbers for place, numbers in found.items() if numbers}
