"""Finds the record that a row of a file is about, if there is one: named rules, tried in order, that never guess.

Each rule is a function that yields what two descriptions of one document have in common; its docstring says when it
holds. A number in the source is enough, unless it is one that every source has. Elsewhere the titles must be alike, and
nothing may speak against it: other numbers in the same source, other shelf numbers, and where only the title leads
there, other addresses or identifiers. So an address that a thousand records share is no evidence, nor an ISBN of
several volumes.
"""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue import codes, likeness
from catalogue.draft import Draft
from catalogue.folding import fold_heading
from catalogue.formats.identifiers import SOURCE
from catalogue.merging import brought_back, is_source, overwritten

FILL, OVERWRITE, SKIP, ADD, CREATE = "fill", "overwrite", "skip", "add", "create"
# What is done with a row that is about a record of the catalogue, and with one that is only near one.
ON_MATCH = {
    FILL: _("fill the empty fields of the record"),
    OVERWRITE: _("overwrite fields of the record"),
    SKIP: _("leave the record as it is"),
    ADD: _("add a second record"),
}
ON_NEAR = {CREATE: _("make a new record"), SKIP: _("set the row aside")}


folded = functools.lru_cache(20_000)(fold_heading)


def source(draft: Draft) -> Iterator[str]:
    """The source itself gave both the same number. Without a name of the source, digits alone are not enough."""
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


def without_status(matching: Matching) -> Matching:
    """Return the same with a status that no row overwrites."""
    fields = matching.overwrite or tuple(Draft.__dataclass_fields__)
    others = tuple(name for name in fields if name != "status")
    return replace(matching, overwrite=others) if others else replace(matching, overwrite=(), on_match=FILL)


_URL_START = re.compile(r"^https?://(www\.)?", re.IGNORECASE)


@functools.lru_cache(20_000)
def url_key(text: str) -> str:
    """Return what two spellings of one address have in common."""
    return _URL_START.sub("", text, count=1).rstrip("/").lower()


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


def agree(rule: str, one: Draft, other: Draft, shared: bool = False) -> bool:
    """Tell whether two Drafts that share a key of a rule are about one document by this rule."""
    if rule == "source":
        return _tells(one, other) or _titles_agree(one, other, shared) or _have_in_common(one, other)
    if other_numbers(one, other):
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


def _tells(one: Draft, other: Draft) -> bool:
    """Tell whether a number that both have is one of its source alone; every table has a row "7"."""
    both = set(one.identifiers) & set(other.identifiers)
    return any(is_source(item.scheme) and not (item.scheme == SOURCE and item.value.isdecimal()) for item in both)


def _have_in_common(one: Draft, other: Draft) -> bool:
    """Tell whether two Drafts with other titles agree in an address or another number."""
    rules = (rule for name, rule in RULES.items() if name not in ("source", *_BY_TITLE))
    return any(set(rule.keys(one)) & set(rule.keys(other)) for rule in rules)


def _titles_agree(one: Draft, other: Draft, shared: bool) -> bool:
    if shared:
        return folded(one.title) == folded(other.title)
    return likeness.alike(one.title, other.title)


def other_numbers(one: Draft, other: Draft) -> bool:
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
    """Tell whether a row says nothing that the record does not say; its status is no part of what a document is."""
    record = brought_back(record)
    return overwritten(replace(row, status=codes.PUBLISHED), record) == record


def numbered_twice(rule: str, one: Draft, other: Draft) -> bool:
    """Tell of two Drafts that share a key of a rule whether hardly more than their numbers in a source is other."""
    if not other_numbers(one, other) or not likeness.alike(one.title, other.title):
        return False
    if rule not in _BY_TITLE:
        return True
    return bool(one.authors) and not (
        _differ(one.shelf_number, other.shelf_number) or _others_by_which_told(one, other)
    )


def may_be_same(one: Draft, other: Draft) -> bool:
    """Tell of two Drafts with like titles whether all else allows that they are about one document.

    Years may be one apart, of the first authors the surnames must be the same, and no numbers may differ.
    """
    if one.year and other.year and abs(one.year - other.year) > 1:
        return False
    surnames = [first_author(draft).partition(",")[0] for draft in (one, other)]
    if _differ(*surnames) or _differ(one.shelf_number, other.shelf_number):
        return False
    return not (other_numbers(one, other) or _others_by_which_told(one, other))
