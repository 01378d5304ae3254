"""An Entry is one heading as plain data, as a Draft is one record: what history, merging, SKOS and undo speak.

All reading and writing of headings, many at a time, is done here; only the desk's forms write by themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from django.db import connection

from catalogue.authorities.files import AuthorityFile
from catalogue.folding import fold_heading
from catalogue.models import Country, Keyword

# Columns that two headings cannot share, beside the heading itself.
UNIQUE = ("orcid", "code")


@dataclass(frozen=True, slots=True)
class Link:
    """Another heading of the same file, known by its number: that it was renamed is no change of the link."""

    number: int
    heading: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One heading. `broader` of a country is the greater place, of which there is one at most."""

    heading: str
    notes: str = ""
    variants: tuple[str, ...] = ()
    kind: str = ""
    orcid: str = ""
    scope_note: str = ""
    code: str = ""
    broader: tuple[Link, ...] = ()
    related: tuple[Link, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the Entry as JSON types, leaving out what is empty; `from_dict` gives the same Entry back."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        values["variants"] = list(self.variants)
        for name in ("broader", "related"):
            values[name] = [[link.number, link.heading] for link in values[name]]
        return {name: value for name, value in values.items() if value not in ("", [])}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        compound: dict[str, Any] = {
            name: tuple(Link(*link) for link in values.get(name, ())) for name in ("broader", "related")
        }
        compound["variants"] = tuple(values.get("variants", ()))
        return cls(**{**values, **compound})

    def column(self, name: str) -> str:
        return getattr(self, name)


def read(file: AuthorityFile, numbers: Iterable[int]) -> dict[int, Entry]:
    """Return the Entry of each heading that exists, by its number, in four queries or fewer."""
    wanted = list(set(numbers))
    if not wanted:
        return {}
    variants = _grouped(
        file.variants.objects.filter(authority__in=wanted).order_by("fold").values_list("authority_id", "form")
    )
    broader = _links(file, wanted, "broader")
    related = _links(file, wanted, "related")
    rows = file.model.objects.filter(pk__in=wanted).order_by("pk").values_list("pk", *file.columns)
    return {
        number: Entry(
            **dict(zip(file.columns, columns, strict=True)),
            variants=tuple(form for (form,) in variants[number]),
            broader=tuple(Link(*link) for link in broader[number]),
            related=tuple(Link(*link) for link in related[number]),
        )
        for number, *columns in rows
    }


def _links(file: AuthorityFile, numbers: list[int], name: str) -> dict[int, list[tuple[Any, ...]]]:
    if file.model is Keyword:
        rows = file.model.objects.filter(pk__in=numbers, **{f"{name}__isnull": False})
        return _grouped(rows.order_by(f"{name}__fold").values_list("pk", f"{name}__pk", f"{name}__heading"))
    if file.model is Country and name == "broader":
        greater = Country.objects.filter(pk__in=numbers, part_of__isnull=False)
        return _grouped(greater.values_list("pk", "part_of__pk", "part_of__heading"))
    return defaultdict(list)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for number, *values in rows:
        found[number].append(tuple(values))
    return found


def neighbours(file: AuthorityFile, numbers: Iterable[int]) -> set[int]:
    """Return the headings whose Entries change too where these headings go: narrower and related ones."""
    wanted = list(numbers)
    if file.model is Keyword:
        below = Keyword.objects.filter(broader__in=wanted).values_list("pk", flat=True)
        beside = Keyword.objects.filter(related__in=wanted).values_list("pk", flat=True)
        return {*below, *beside}
    if file.model is Country:
        return set(Country.objects.filter(part_of__in=wanted).values_list("pk", flat=True))
    return set()


def write(file: AuthorityFile, wanted: Mapping[int, Entry]) -> None:
    """Give headings the Entries that they shall have, making those that are not there. Belongs inside a transaction."""
    take_away(file, wanted)
    add(file, wanted)


def take_away(file: AuthorityFile, wanted: Mapping[int, Entry]) -> None:
    """Write the first half: what the Entries no longer have goes, headings are renamed and made.

    What only one heading may have (an ORCID, a variant) is free after it, and given in the second half.
    """
    now = read(file, wanted)
    _delete_variants(file, wanted, now)
    for name in ("broader", "related"):
        _delete_links(file, name, list(_differing(wanted, now, name)))
    for number, entry in wanted.items():
        if number in now:
            kept: dict[str, Any] = {name: "" for name in UNIQUE if entry.column(name) != now[number].column(name)}
            _update(file, number, now[number], replace(entry, **kept))
    made = [number for number in wanted if number not in now]
    file.model.objects.bulk_create(
        [file.model(pk=number, **_columns(file, replace(wanted[number], orcid="", code=""))) for number in made]
    )


def add(file: AuthorityFile, wanted: Mapping[int, Entry]) -> None:
    """Write the second half: what the Entries have beside that."""
    now = read(file, wanted)
    for number, entry in wanted.items():
        if number in now:
            _update(file, number, now[number], entry)
    present = {number: entry for number, entry in wanted.items() if number in now}
    file.variants.objects.bulk_create(
        file.variants(authority_id=number, form=form)
        for number, entry in present.items()
        for form in _missing(entry.variants, now[number].variants)
    )
    _insert_links(file, "broader", list(_differing(now, present, "broader")))
    _insert_links(file, "related", list(_differing(now, present, "related")))


def remove(file: AuthorityFile, numbers: Iterable[int]) -> None:
    """Delete headings that nothing outside themselves uses, with their other forms and relations."""
    gone = file.model.objects.filter(pk__in=list(numbers))
    if file.model is Country:
        gone.update(part_of=None)  # parts of one another may go together
    gone.delete()


def next_numbers(file: AuthorityFile, count: int) -> list[int]:
    """Return numbers for headings that are to be made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [file.model._meta.db_table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def _columns(file: AuthorityFile, entry: Entry) -> dict[str, str]:
    return {name: entry.column(name) for name in file.columns}


def _update(file: AuthorityFile, number: int, now: Entry, entry: Entry) -> None:
    columns = _columns(file, entry)
    if columns != _columns(file, now):
        file.model.objects.filter(pk=number).update(**columns)


def _missing(forms: Iterable[str], present: Iterable[str]) -> list[str]:
    there = set(present)
    return [form for form in forms if form not in there]


def _delete_variants(file: AuthorityFile, wanted: Mapping[int, Entry], now: Mapping[int, Entry]) -> None:
    surplus = {
        (number, fold_heading(form))
        for number, entry in now.items()
        for form in _missing(entry.variants, wanted[number].variants)
    }
    folds = {fold for _number, fold in surplus}
    if folds:
        file.variants.objects.filter(authority__in={number for number, _fold in surplus}, fold__in=folds).delete()


def _differing(less: Mapping[int, Entry], more: Mapping[int, Entry], name: str) -> Iterator[tuple[int, int]]:
    """Yield the links that the Entries of `more` have and those of `less` have not."""
    for number, entry in more.items():
        if number in less:
            there = {link.number for link in getattr(less[number], name)}
            yield from ((number, link.number) for link in getattr(entry, name) if link.number not in there)


def _delete_links(file: AuthorityFile, name: str, pairs: list[tuple[int, int]]) -> None:
    if not pairs:
        return
    if file.model is Country:
        Country.objects.filter(pk__in=[number for number, _other in pairs]).update(part_of=None)
        return
    both = [*pairs, *((other, number) for number, other in pairs)] if name == "related" else pairs
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM catalogue_keyword_{name} r USING unnest(%s::bigint[], %s::bigint[]) AS n(one, other) "  # noqa: S608
            "WHERE r.from_keyword_id = n.one AND r.to_keyword_id = n.other",
            list(map(list, zip(*both, strict=True))),
        )


def _insert_links(file: AuthorityFile, name: str, pairs: list[tuple[int, int]]) -> None:
    """Add links, where the other heading is still there."""
    if not pairs:
        return
    there = set(file.model.objects.filter(pk__in={other for _number, other in pairs}).values_list("pk", flat=True))
    pairs = [(number, other) for number, other in pairs if other in there and other != number]
    if file.model is Country:
        for number, other in pairs:
            Country.objects.filter(pk=number).update(part_of=other)
        return
    both = [*pairs, *((other, number) for number, other in pairs)] if name == "related" else pairs
    through: Any = getattr(Keyword, name).through
    through.objects.bulk_create(
        [through(from_keyword_id=number, to_keyword_id=other) for number, other in dict.fromkeys(both)],
        ignore_conflicts=True,
    )
