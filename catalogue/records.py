"""Records to Drafts and back. Every record is read and written here, many at a time, by forms, imports and undo."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Func, Q, Value
from django.db.models.functions import Now

from catalogue import headings
from catalogue.draft import Draft, Identifier, Name
from catalogue.folding import fold_heading
from catalogue.models import (
    Author,
    Country,
    Keyword,
    Record,
    RecordAuthor,
    RecordIdentifier,
    RecordKeyword,
)

# Those fields of a Draft that are columns of a record under the same name.
COLUMNS = (
    "title",
    "summary",
    "details",
    "source",
    "year",
    "url",
    "shelf_number",
    "language",
    "kind",
    "rights",
    "status",
    "withdrawn_reason",
)


class Among(Func):
    """True where a column is one of many numbers, sent as one array: IN takes longer to write than to answer."""

    arg_joiner = " = ANY("
    template = "%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, column: str, numbers: list[int]) -> None:
        super().__init__(column, Value(numbers, output_field=ArrayField(BigIntegerField())))


def read_drafts(numbers: Iterable[int]) -> dict[int, Draft]:
    """Return the Draft of each record that exists, by its number, in four queries."""
    wanted = list(numbers)
    names: dict[int, list[Name]] = defaultdict(list)
    for number, heading, kind, orcid in (
        RecordAuthor.objects.filter(Among("record_id", wanted))
        .order_by("record_id", "position", "id")
        .values_list("record_id", "author__heading", "author__kind", "author__orcid")
    ):
        names[number].append(Name(heading, kind, orcid))
    keywords: dict[int, list[str]] = defaultdict(list)
    for number, heading in (
        RecordKeyword.objects.filter(Among("record_id", wanted))
        .order_by("record_id", "position", "id")
        .values_list("record_id", "keyword__heading")
    ):
        keywords[number].append(heading)
    identifiers: dict[int, list[Identifier]] = defaultdict(list)
    for number, scheme, value in (
        RecordIdentifier.objects.filter(Among("record_id", wanted))
        .order_by("record_id", "id")
        .values_list("record_id", "scheme", "value")
    ):
        identifiers[number].append(Identifier(scheme, value))
    return {
        row["id"]: Draft(
            **{column: row[column] for column in COLUMNS},
            country=row["country__heading"] or "",
            replaced_by=row["replaced_by"],
            authors=tuple(names[row["id"]]),
            keywords=tuple(keywords[row["id"]]),
            identifiers=tuple(identifiers[row["id"]]),
        )
        for row in Record.objects.filter(Among("id", wanted)).values("id", "country__heading", "replaced_by", *COLUMNS)
    }


@dataclass(frozen=True, slots=True)
class Resolved:
    """A Draft whose headings were led to their authorities; `draft` has the preferred forms."""

    draft: Draft
    authors: tuple[Author, ...]
    keywords: tuple[Keyword, ...]
    country: Country | None


def resolve(drafts: Sequence[Draft]) -> list[Resolved]:
    """Lead the headings of cleaned Drafts to their authorities, making new ones, in a few queries for all."""
    authors = headings.authors(name for draft in drafts for name in draft.authors)
    keywords = headings.keywords(keyword for draft in drafts for keyword in draft.keywords)
    countries = headings.countries(draft.country for draft in drafts if draft.country)
    return [_resolve_one(draft, authors, keywords, countries) for draft in drafts]


def _resolve_one(
    draft: Draft, authors: Mapping[Name, Author], keywords: Mapping[str, Keyword], countries: Mapping[str, Country]
) -> Resolved:
    # Two forms of one heading in the same record lead to one link: the first place counts.
    own_authors = tuple({authors[name].pk: authors[name] for name in draft.authors}.values())
    own_keywords = tuple({k.pk: k for k in (keywords[fold_heading(text)] for text in draft.keywords)}.values())
    country = countries[fold_heading(draft.country)] if draft.country else None
    preferred = replace(
        draft,
        authors=tuple(Name(author.heading, author.kind, author.orcid) for author in own_authors),
        keywords=tuple(keyword.heading for keyword in own_keywords),
        country=country.heading if country else "",
    )
    return Resolved(preferred, own_authors, own_keywords, country)


def write(resolved: Mapping[int, Resolved]) -> None:
    """Overwrite existing records, by number, with resolved Drafts. Belongs inside a transaction."""
    records = [_row(item, number) for number, item in resolved.items()]
    fields = [*COLUMNS, "country", "replaced_by", "modified"]
    # As an upsert of rows that are all there: Django's bulk_update writes a CASE for every value, ten times slower.
    Record.objects.bulk_create(
        records, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=1000
    )
    for links in (RecordAuthor, RecordKeyword, RecordIdentifier):
        links._default_manager.filter(record__in=list(resolved)).delete()
    _link(resolved)


def insert(resolved: Sequence[Resolved]) -> list[int]:
    """Make a record of each resolved Draft and return their numbers in order. Belongs inside a transaction."""
    records = Record.objects.bulk_create([_row(item) for item in resolved], batch_size=1000)
    numbers = [record.pk for record in records]
    _link(dict(zip(numbers, resolved, strict=True)))
    return numbers


def _row(item: Resolved, number: int | None = None) -> Record:
    columns = {column: getattr(item.draft, column) for column in COLUMNS}
    row = Record(pk=number, country=item.country, replaced_by_id=item.draft.replaced_by, **columns)
    row.modified = Now()  # the database's clock, the only one that all machines share
    return row


def _link(resolved: Mapping[int, Resolved]) -> None:
    RecordAuthor.objects.bulk_create(
        [
            RecordAuthor(record_id=number, author=author, position=position)
            for number, item in resolved.items()
            for position, author in enumerate(item.authors)
        ],
        batch_size=5000,
    )
    RecordKeyword.objects.bulk_create(
        [
            RecordKeyword(record_id=number, keyword=keyword, position=position)
            for number, item in resolved.items()
            for position, keyword in enumerate(item.keywords)
        ],
        batch_size=5000,
    )
    RecordIdentifier.objects.bulk_create(
        [
            RecordIdentifier(record_id=number, scheme=identifier.scheme, value=identifier.value)
            for number, item in resolved.items()
            for identifier in item.draft.identifiers
        ],
        batch_size=5000,
    )


def lock(numbers: Iterable[int]) -> None:
    """Lock records until the transaction ends, in one order, so that two writers cannot deadlock."""
    wanted = Q(id__in=list(numbers))
    list(Record.objects.filter(wanted).order_by("id").select_for_update(of=("self",)).values_list("id", flat=True))
