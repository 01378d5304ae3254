"""The three authority files: which tables each consists of, and how records point into it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from catalogue.models import (
    Author,
    AuthorVariant,
    Country,
    CountryVariant,
    Heading,
    Keyword,
    KeywordVariant,
    Record,
    RecordAuthor,
    RecordKeyword,
)

# The advisory lock under which headings are changed: any number that no other program uses in this database. The
# triggers of migration 0006 take it too.
LOCK = 7_365_611_938


@dataclass(frozen=True)
class AuthorityFile:
    """One authority file. `links` are the rows that use a heading, by `link_field`; `field` is the Draft's."""

    name: str
    model: Any
    variants: Any
    links: Any
    link_field: str
    field: str
    columns: tuple[str, ...]

    @property
    def has_tree(self) -> bool:
        """Tell whether headings of this file stand under one another."""
        return self.model is not Author

    @property
    def record_column(self) -> str:
        """The column of `links` that holds the record's number."""
        return "pk" if self.links is Record else "record_id"

    def using(self, numbers: Iterable[int]) -> QuerySet[Any]:
        return self.links.objects.filter(**{f"{self.link_field}__in": list(numbers)})

    def record_counts(self, numbers: Iterable[int]) -> dict[int, int]:
        """Return how many records use each heading; those that none uses are left out."""
        rows = self.using(numbers).order_by().values_list(self.link_field).annotate(count=Count("*"))
        return dict(rows)

    def headings(self, numbers: Iterable[int]) -> dict[int, Heading]:
        return self.model.objects.in_bulk(list(numbers))


FILES = {
    file.name: file
    for file in (
        AuthorityFile(
            "author", Author, AuthorVariant, RecordAuthor, "author", "authors", ("heading", "notes", "kind", "orcid")
        ),
        AuthorityFile(
            "keyword", Keyword, KeywordVariant, RecordKeyword, "keyword", "keywords", ("heading", "notes", "scope_note")
        ),
        AuthorityFile("country", Country, CountryVariant, Record, "country", "country", ("heading", "notes", "code")),
    )
}


def lock() -> None:
    """Wait for the right to change headings, and hold it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
