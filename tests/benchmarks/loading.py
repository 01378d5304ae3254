"""Puts generated records into the catalogue's own tables, by COPY, and indexes them."""

import time

from django.core.management import call_command
from django.db import connection

from search.index import catalogue
from tests.benchmarks import generated

TABLES = ("touch", "change", "changeset", "recordauthor", "recordkeyword", "record", "author", "keyword", "country")


def load(count: int) -> None:
    """Make the catalogue hold exactly these generated records, unless it does already."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalogue_record")
        if cursor.fetchone()[0] != count:
            started = time.perf_counter()
            _copy(cursor, count)
            print(f"loaded {count:,} records in {time.perf_counter() - started:.1f} s", flush=True)
    catalogue().prepare(lambda: print("indexing ...", flush=True))


def _copy(cursor, count: int) -> None:
    cursor.execute(f"TRUNCATE {', '.join(f'catalogue_{name}' for name in TABLES)} RESTART IDENTITY CASCADE")
    for table, size, heading in (
        ("keyword", generated.KEYWORDS, generated.keyword_heading),
        ("author", generated.AUTHORS, generated.author_heading),
        ("country", generated.COUNTRIES, generated.country_heading),
    ):
        with cursor.copy(f"COPY catalogue_{table} (heading) FROM STDIN") as copy:
            for number in range(size):
                copy.write_row([heading(number)])
    links: dict[str, list[tuple[int, int, int]]] = {"author": [], "keyword": []}
    columns = "title, summary, year, country_id, details, url"
    with cursor.copy(f"COPY catalogue_record ({columns}) FROM STDIN") as copy:
        for number, made in enumerate(generated.records(count), start=1):
            url = f"https://example.org/reports/{number}" if number % 3 else ""
            details = f"Place: Publisher, {made.year}. {number % 300}p."
            copy.write_row([made.title, made.summary, made.year, made.country + 1, details, url])
            links["author"] += [(number, other + 1, place) for place, other in enumerate(made.authors)]
            links["keyword"] += [(number, other + 1, place) for place, other in enumerate(made.keywords)]
    for name, rows in links.items():
        with cursor.copy(f"COPY catalogue_record{name} (record_id, {name}_id, position) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    cursor.execute("ANALYZE")
