"""Leads names, keywords and countries as people write them to their authority, and makes the new ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db import connection

from catalogue import codes
from catalogue.database import arrays
from catalogue.draft import Draft, Name
from catalogue.folding import fold_heading
from catalogue.models import Author, AuthorVariant, Country, CountryVariant, Heading, Keyword, KeywordVariant

Authority = TypeVar("Authority", bound=Heading)

# As many texts of each kind are remembered in a run; then it begins to learn them anew.
MOST_KNOWN = 200_000


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


@dataclass(frozen=True, slots=True)
class Resolved:
    """A Draft whose headings were led to their authorities: it has the preferred forms; beside it, their numbers."""

    draft: Draft
    authors: tuple[int, ...]
    keywords: tuple[int, ...]
    country: int | None


class AuthorityFile:
    """One authority file, as far as it has been looked at: texts as they were written, and where they lead."""

    columns: tuple[str, ...] = ("id", "heading")

    def __init__(self, model: type[Heading], variants: Any) -> None:
        self._table, self._variants = model._meta.db_table, variants._meta.db_table
        self.numbers: dict[str, int] = {}
        self.headings: dict[int, Any] = {}
        self.made: list[str] = []

    def forget_if_many(self) -> None:
        """Begin to learn anew. Belongs before all else that is done for a batch, which needs all that it has learnt."""
        if len(self.numbers) > MOST_KNOWN:
            self.numbers.clear()
            self.headings.clear()

    def look_up(self, texts: Iterable[str]) -> None:
        """Learn where texts lead; those that lead nowhere are left unknown."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self.numbers]
        if not unknown:
            return
        folds = {text: fold_heading(text) for text in unknown}
        found = self._found("fold", list(set(folds.values())))
        self.numbers |= {text: found[fold] for text, fold in folds.items() if fold in found}

    def _found(self, column: str, values: list[str]) -> dict[str, int]:
        """Return the numbers by fold (or another column), the preferred form before a variant."""
        chosen = ", ".join(f"h.{name}" for name in self.columns)
        queries = [f"SELECT h.{column}, {chosen} FROM {self._table} h WHERE h.{column} = ANY(%s::text[])"]  # noqa: S608
        if column == "fold":
            joined = f"{self._variants} v JOIN {self._table} h ON h.id = v.authority_id"
            queries.insert(0, f"SELECT v.fold, {chosen} FROM {joined} WHERE v.fold = ANY(%s::text[])")  # noqa: S608
        found: dict[str, int] = {}
        with connection.cursor() as cursor:
            for query in queries:
                cursor.execute(query, [arrays.texts(values)])
                for key, number, *heading in cursor.fetchall():
                    found[key] = number
                    self.headings[number] = self.heading(*heading)
        return found

    def heading(self, heading: str) -> Any:
        return heading

    def make(self, texts: Iterable[str], kinds: Mapping[str, str] | None = None) -> None:
        """Make headings of those texts that lead nowhere."""
        missing: dict[str, str] = {}
        for text in texts:
            if text not in self.numbers:
                missing.setdefault(fold_heading(text), text)
        if missing:
            # In one order, so that two writers that make the same headings wait for each other and never deadlock.
            self._insert([missing[fold] for fold in sorted(missing)], kinds)
        self.look_up(texts)

    def _insert(self, headings: list[str], kinds: Mapping[str, str] | None) -> None:
        names, values = ["heading"], [headings]
        if kinds is not None:
            names, values = ["heading", "kind"], [headings, [kinds[heading] for heading in headings]]
        unnested = ", ".join(["%s::text[]"] * len(names))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self._table} ({', '.join(names)}) SELECT * FROM unnest({unnested}) "  # noqa: S608
                "ON CONFLICT DO NOTHING RETURNING heading",
                list(map(arrays.texts, values)),
            )
            self.made += [heading for (heading,) in cursor.fetchall()]


class AuthorFile(AuthorityFile):
    """The authors: an ORCID leads before the heading does, and an author that had none receives what a name brings."""

    columns = ("id", "heading", "kind", "orcid")

    def __init__(self) -> None:
        super().__init__(Author, AuthorVariant)
        self.by_orcid: dict[str, int] = {}
        # ORCIDs that names of this batch bring to authors that have none, to be learnt once such a name is written.
        self.heard: dict[int, str] = {}

    def heading(self, heading: str, kind: str = codes.PERSON, orcid: str = "") -> Name:
        return Name(heading, kind, orcid)

    def forget_if_many(self) -> None:
        self.heard.clear()
        if len(self.numbers) + len(self.by_orcid) > MOST_KNOWN:
            self.numbers.clear()
            self.headings.clear()
            self.by_orcid.clear()

    def look_up_names(self, names: Sequence[Name]) -> None:
        orcids = {name.orcid for name in names if name.orcid} - self.by_orcid.keys()
        if orcids:
            self.by_orcid |= self._found("orcid", list(orcids))
        self.look_up(name.heading for name in names)

    def make_names(self, names: Sequence[Name]) -> None:
        wanted: dict[str, str] = {}
        claimed: set[str] = set()
        for name in names:
            if not name.orcid or (name.orcid not in self.by_orcid and name.orcid not in claimed):
                wanted.setdefault(name.heading, name.kind)
                claimed.add(name.orcid)
        self.make(list(wanted), wanted)
        self._learn_orcids(map(self._with_orcid, names))
        # An author that has another ORCID could not receive that of its name: the next name is on its own.
        left = [name for name in names if self.number(name) is None]
        if left:
            self.make([name.heading for name in left], {name.heading: name.kind for name in reversed(left)})
            self._learn_orcids(left)

    def _learn_orcids(self, names: Iterable[Name]) -> None:
        learned: dict[int, str] = {}
        for name in names:
            if not name.orcid or name.orcid in self.by_orcid:
                continue
            # None where another name was to receive the ORCID, and could not.
            number = self.numbers.get(name.heading)
            if number is not None and not self.headings[number].orcid:
                learned[number] = name.orcid
                self.by_orcid[name.orcid] = number
                self.headings[number] = replace(self.headings[number], orcid=name.orcid, kind=codes.PERSON)
        if learned:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE catalogue_author a SET orcid = n.orcid, kind = %s "
                    "FROM unnest(%s::bigint[], %s::text[]) AS n(id, orcid) WHERE a.id = n.id",
                    [codes.PERSON, list(learned), list(learned.values())],
                )

    def hear(self, number: int, name: Name) -> Name:
        """Return the name as the catalogue has it, and note the ORCID that it lacks."""
        known: Name = self.headings[number]
        if name.orcid and not known.orcid:
            self.heard.setdefault(number, name.orcid)
        return known

    def _with_orcid(self, name: Name) -> Name:
        orcid = "" if name.orcid else self.heard.get(self.numbers.get(name.heading, 0), "")
        return replace(name, orcid=orcid) if orcid else name

    def number(self, name: Name) -> int | None:
        found = self.by_orcid.get(name.orcid) if name.orcid else None
        return self.numbers.get(name.heading) if found is None else found


class Authorities:
    """The three authority files for one run: the headings of many Drafts are led in a few queries for all."""

    def __init__(self) -> None:
        self.authors = AuthorFile()
        self.keywords = AuthorityFile(Keyword, KeywordVariant)
        self.countries = AuthorityFile(Country, CountryVariant)

    def look_up(self, drafts: Sequence[Draft]) -> None:
        """Learn where the headings of cleaned Drafts lead, making none.

        It begins a batch: `make`, `led` and `resolve` know the Drafts that this was asked for last.
        """
        for file in (self.authors, self.keywords, self.countries):
            file.forget_if_many()
        self.authors.look_up_names(_names(drafts))
        self.keywords.look_up(_keywords(drafts))
        self.countries.look_up(_countries(drafts))

    def make(self, drafts: Sequence[Draft]) -> None:
        """Make those headings of the Drafts that are not there; `look_up` must have seen them."""
        self.authors.make_names(_names(drafts))
        self.keywords.make(_keywords(drafts))
        self.countries.make(_countries(drafts))

    def led(self, draft: Draft) -> Draft:
        """Return the Draft with the preferred forms of those headings that are known."""
        return self.resolve(draft).draft

    def resolve(self, draft: Draft) -> Resolved:
        """Lead the Draft's headings; two forms of one heading give one link, at the first of their places."""
        authors: dict[Any, Name] = {}
        for name in draft.authors:
            number = self.authors.number(name)
            if number is None:
                authors.setdefault(name.heading, name)
            else:
                authors.setdefault(number, self.authors.hear(number, name))
        keywords: dict[Any, str] = {}
        numbers, headings = self.keywords.numbers, self.keywords.headings
        for text in draft.keywords:
            key = numbers.get(text)
            if key is None:
                keywords.setdefault(text, text)
            elif key not in keywords:
                keywords[key] = headings[key]
        country = self.countries.numbers.get(draft.country) if draft.country else None
        heading = self.countries.headings[country] if country is not None else draft.country
        own, terms = tuple(authors.values()), tuple(keywords.values())
        if (own, terms, heading) != (draft.authors, draft.keywords, draft.country):
            draft = replace(draft, authors=own, keywords=terms, country=heading)
        return Resolved(draft, tuple(authors), tuple(keywords), country)

    def take_made(self) -> dict[str, list[str]]:
        """Return the headings that were made since this was asked last."""
        files: dict[str, AuthorityFile] = {
            "authors": self.authors,
            "keywords": self.keywords,
            "countries": self.countries,
        }
        made = {name: file.made for name, file in files.items() if file.made}
        for file in files.values():
            file.made = []
        return made


def _names(drafts: Iterable[Draft]) -> list[Name]:
    return [name for draft in drafts for name in draft.authors]


def _keywords(drafts: Iterable[Draft]) -> list[str]:
    return [keyword for draft in drafts for keyword in draft.keywords]


def _countries(drafts: Iterable[Draft]) -> list[str]:
    return [draft.country for draft in drafts if draft.country]
