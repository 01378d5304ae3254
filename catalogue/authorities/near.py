"""Headings that look like one another: found by keys that they share, never by comparing all with all.

Two keys lead together: the words of a form without punctuation, order, plural and small words ("Prison", "Prisons";
"Crime, Prevention of", "Crime prevention"); and for people the surname with the first initial, under which names are
compared one by one ("Fletcher, D. R.", "Fletcher, Del Roy").
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue import codes
from catalogue.authorities.files import AuthorityFile

# No more headings than this are looked at in one go, and under one initial.
MOST_FORMS = 500_000
MOST_UNDER_ONE_INITIAL = 300
# The keys of so many forms are remembered: who goes through the list asks for all of them again and again.
MOST_KNOWN = 50_000
SMALL = frozenset(("a", "and", "for", "in", "of", "on", "the", "to"))
WORDS, INITIALS = _("the same words"), _("the same initials")

_ATTACHED = re.compile(r"['’.]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Group:
    """Headings that may be one, by their numbers, and why."""

    numbers: tuple[int, ...]
    reason: str | Promise


def groups(file: AuthorityFile) -> list[Group]:
    """Return all groups of headings that look alike, in the order of their first headings; in two queries."""
    kind = "kind" if "kind" in file.columns else "pk"
    headings = list(file.model.objects.order_by("fold").values_list("pk", "fold", kind)[:MOST_FORMS])
    forms = [(number, fold) for number, fold, _kind in headings]
    variants = file.variants.objects.values_list("authority_id", "fold")[:MOST_FORMS]
    place = {number: index for index, (number, _fold) in enumerate(forms)}
    found = dict.fromkeys(_by_words(chain(forms, variants)), WORDS)
    people = ((number, fold) for number, fold, of_kind in headings if of_kind == codes.PERSON)
    for numbers in _by_initials(people):
        found.setdefault(numbers, INITIALS)
    ordered = (Group(tuple(sorted(numbers, key=lambda n: place.get(n, 0))), why) for numbers, why in found.items())
    return sorted(ordered, key=lambda group: place.get(group.numbers[0], 0))


@functools.lru_cache(MOST_KNOWN)
def key_of(fold: str) -> str:
    """Return what folded forms have in common that differ only by punctuation, order, plural or small words."""
    words = _WORD.findall(_ATTACHED.sub("", fold).replace("&", " and "))
    kept = [singular(word) for word in words if word not in SMALL] or words
    return " ".join(sorted(kept))


def singular(word: str) -> str:
    """Return an English word without the ending of its plural, as far as a few rules tell."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def _by_words(forms: Iterable[tuple[int, str]]) -> Iterator[frozenset[int]]:
    """Yield the headings whose folded forms have a key in common."""
    together: dict[str, set[int]] = defaultdict(set)
    for number, fold in forms:
        if key := key_of(fold):
            together[key].add(number)
    yield from (frozenset(numbers) for numbers in together.values() if len(numbers) > 1)


@dataclass(frozen=True, slots=True)
class _Person:
    number: int
    given: tuple[str, ...]

    def may_be(self, other: "_Person") -> bool:
        """Tell whether the names agree as far as both go, and at least one is given by its initial."""
        pairs = list(zip(self.given, other.given, strict=False))
        return all(one == two or (1 in (len(one), len(two)) and one[0] == two[0]) for one, two in pairs) and any(
            len(one) == 1 or len(two) == 1 for one, two in pairs
        )


@functools.lru_cache(MOST_KNOWN)
def _initial(fold: str) -> tuple[str, str] | None:
    """Return the surname and the first letter of what follows it, where something does."""
    given = _given(fold)
    return (" ".join(_WORD.findall(fold.partition(",")[0])), given[0][0]) if given else None


def _given(fold: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold.partition(",")[2]))


def _by_initials(people: Iterable[tuple[int, str]]) -> Iterator[frozenset[int]]:
    """Yield each name that has initials with those that it may be short for; none that lies within another group."""
    together: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for number, fold in people:
        if key := _initial(fold):
            together[key].append((number, fold))
    for persons in together.values():
        if len(persons) < 2:  # as of most names, which need not be taken apart
            continue
        some = [_Person(number, _given(fold)) for number, fold in persons[:MOST_UNDER_ONE_INITIAL]]
        short = [person for person in some if any(len(name) == 1 for name in person.given)]
        found = {frozenset((one.number, *(two.number for two in some if one.may_be(two)))) for one in short}
        yield from (numbers for numbers in found if len(numbers) > 1 and not any(numbers < other for other in found))
