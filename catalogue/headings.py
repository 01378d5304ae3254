"""Leads names, keywords and countries as people write them to their authority, and makes the new ones."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from catalogue import codes
from catalogue.draft import Name
from catalogue.folding import fold_heading
from catalogue.models import (
    Author,
    AuthorVariant,
    Country,
    CountryVariant,
    Heading,
    Keyword,
    KeywordVariant,
)

Authority = TypeVar("Authority", bound=Heading)


def find(model: type[Authority], variants: Any, folds: Iterable[str]) -> dict[str, Authority]:
    """Return the authority of each folded form that leads to one, by its preferred form or by a variant."""
    wanted = list(set(folds))
    led = dict(variants._default_manager.filter(fold__in=wanted).values_list("fold", "authority_id"))
    # One object for each authority, whichever form leads to it: what it learns (an ORCID) must show under all.
    authorities = model._default_manager.in_bulk(led.values()) if led else {}
    found: dict[str, Authority] = {fold: authorities[number] for fold, number in led.items()}
    for heading in model._default_manager.filter(fold__in=wanted):
        found[heading.fold] = authorities.get(heading.pk, heading)
    return found


def _find_or_make(model: type[Authority], variants: Any, wanted: Mapping[str, Authority]) -> dict[str, Authority]:
    found = find(model, variants, wanted)
    missing = {fold: heading for fold, heading in wanted.items() if fold not in found}
    if missing:
        # In one order, so that two imports that make the same headings wait for each other instead of deadlocking.
        model._default_manager.bulk_create([missing[fold] for fold in sorted(missing)], ignore_conflicts=True)
        found.update(find(model, variants, missing))
    return found


def keywords(texts: Iterable[str]) -> dict[str, Keyword]:
    """Return the keyword of each text, by its folded form; those that were not there are made."""
    return _find_or_make(Keyword, KeywordVariant, {fold_heading(text): Keyword(heading=text) for text in texts})


def countries(texts: Iterable[str]) -> dict[str, Country]:
    """Return the country of each text, by its folded form; those that were not there are made."""
    return _find_or_make(Country, CountryVariant, {fold_heading(text): Country(heading=text) for text in texts})


def authors(names: Iterable[Name]) -> dict[Name, Author]:
    """Return the author of each name; those that were not there are made.

    An ORCID decides before the heading does, and an author that had none receives the one that the name brings.
    """
    wanted = list(dict.fromkeys(names))
    orcids = [name.orcid for name in wanted if name.orcid]
    by_orcid = {author.orcid: author for author in Author.objects.filter(orcid__in=orcids)} if orcids else {}
    new: dict[str, Author] = {}
    for name in wanted:
        if name.orcid not in by_orcid:
            new.setdefault(fold_heading(name.heading), Author(heading=name.heading, kind=name.kind))
    by_fold = _find_or_make(Author, AuthorVariant, new)
    found = {name: by_orcid.get(name.orcid) or by_fold[fold_heading(name.heading)] for name in wanted}
    _add_orcids(found)
    return found


def _add_orcids(found: Mapping[Name, Author]) -> None:
    learned: dict[str, Author] = {}
    for name, author in found.items():
        if name.orcid and not author.orcid and name.orcid not in learned:
            author.orcid = name.orcid
            learned[name.orcid] = author
    for author in learned.values():
        author.kind = codes.PERSON
    Author.objects.bulk_update(learned.values(), ["orcid", "kind"])
