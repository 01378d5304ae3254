"""The data of a results page, ours beside others in the same run: 20 hits, the exact count, facets.

Peers: tantivy by itself with its own tokenizer and the same three facets; SQLite FTS5 (bm25, GROUP BY); PostgreSQL
ts_rank over a GIN index (GROUP BY). All hold the same titles, summaries, countries, years and keywords.
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import tantivy
from django.db import connection

from search import query
from search.engine.base import Filter, Request
from search.facets import wanted
from search.fields import FIELDS
from search.index import catalogue
from tests.benchmarks import generated

THREE = ("country", "year", "keyword")
# What is typed, and the same for the peers: words that all must match, or a phrase.
QUERIES = {
    "rare word": generated.RARE,
    "common word": generated.COMMON,
    "nearly universal word": generated.UNIVERSAL,
    "three words": f"{generated.UNIVERSAL} {generated.COMMON} ba",
    "phrase": '"ba ce"',
    "truncation": "probat*",
    "everything, one filter": "",
}


class Ours:
    name = "Greyshelf"

    def __init__(self, facets: tuple[str, ...] | None = THREE) -> None:
        _, self.index = catalogue()._open()
        self.facets = {name: size for name, size in wanted(()).items() if facets is None or name in facets}
        if facets is None:
            self.name = "Greyshelf, all seven facets"

    def search(self, typed: str) -> int:
        filters = () if typed else (Filter("year", include=("1990-1999",)),)
        tree = query.parse(typed, fields=frozenset(FIELDS)).tree
        self.index._state.counts.clear()  # what a repeated search is answered from is not what is measured here
        return self.index.search(Request(tree, filters, facets=self.facets)).count


class BareTantivy:
    name = "tantivy by itself"

    def __init__(self, count: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("title", tokenizer_name="en_stem")
        builder.add_text_field("summary", tokenizer_name="en_stem")
        builder.add_integer_field("year", indexed=True, fast=True)
        builder.add_unsigned_field("country", indexed=True, fast=True)
        builder.add_unsigned_field("keyword", indexed=True, fast=True)
        self.index = tantivy.Index(builder.build(), path=self.folder.name)
        writer = self.index.writer(200_000_000, 2)
        for made in generated.records(count):
            document = tantivy.Document()
            document.add_text("title", made.title)
            document.add_text("summary", made.summary)
            document.add_integer("year", made.year)
            document.add_unsigned("country", made.country + 1)
            for keyword in made.keywords:
                document.add_unsigned("keyword", keyword + 1)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def search(self, typed: str) -> int:
        searcher = self.index.searcher()
        text = typed or "year:[1990 TO 1999]"
        if typed.endswith("*"):
            found = tantivy.Query.regex_query(self.index.schema, "summary", typed.replace("*", ".*"))
        else:
            found = self.index.parse_query(text, ["title", "summary"], conjunction_by_default=True)
        result = searcher.search(found, 20, count=True)
        sizes = {"country": 9, "year": 200, "keyword": 9}
        searcher.aggregate(
            found,
            {n: {"terms": {"field": n, "size": size, "segment_size": 1_000_000}} for n, size in sizes.items()},
        )
        return result.count


class Sqlite:
    name = "SQLite FTS5"

    def __init__(self, count: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = sqlite3.connect(Path(self.folder.name) / "records.db")
        self.database.executescript(
            "CREATE TABLE record (id INTEGER PRIMARY KEY, year INTEGER, country INTEGER);"
            "CREATE TABLE keyword (record INTEGER, keyword INTEGER);"
            "CREATE VIRTUAL TABLE words USING fts5(title, summary, tokenize='porter');"
        )
        rows = enumerate(generated.records(count), start=1)
        for number, made in rows:
            self.database.execute("INSERT INTO record VALUES (?,?,?)", (number, made.year, made.country))
            self.database.execute(
                "INSERT INTO words (rowid, title, summary) VALUES (?,?,?)", (number, made.title, made.summary)
            )
            self.database.executemany("INSERT INTO keyword VALUES (?,?)", [(number, k) for k in made.keywords])
        self.database.execute("CREATE INDEX keyword_record ON keyword (record)")
        self.database.execute("CREATE INDEX record_year ON record (year)")
        self.database.commit()

    def search(self, typed: str) -> int:
        run = self.database.execute
        if typed:
            hits, where = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 20", (typed,)
            matches = "SELECT rowid FROM words WHERE words MATCH ?"
        else:
            matches, where = "SELECT id FROM record WHERE year BETWEEN 1990 AND 1999", ()
            hits = f"{matches} LIMIT 20"
        run(hits, where).fetchall()
        for column in ("country", "year"):
            run(
                f"SELECT {column}, count(*) n FROM record WHERE id IN ({matches}) GROUP BY 1 ORDER BY n DESC", where
            ).fetchall()
        run(
            f"SELECT keyword, count(*) n FROM keyword WHERE record IN ({matches}) GROUP BY 1 ORDER BY n DESC LIMIT 9",
            where,
        ).fetchall()
        return run(f"SELECT count(*) FROM ({matches})", where).fetchone()[0]


class Postgres:
    name = "PostgreSQL ts_rank"

    def __init__(self, count: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('bench_words')")
            if cursor.fetchone()[0] is None:
                cursor.execute(
                    "CREATE TABLE bench_words AS SELECT id, year, country_id AS country, "
                    "to_tsvector('english', title || ' ' || summary) AS words FROM catalogue_record"
                )
                cursor.execute("CREATE INDEX ON bench_words USING gin (words)")
                cursor.execute("CREATE INDEX ON bench_words (id)")
                cursor.execute("ANALYZE bench_words")

    def search(self, typed: str) -> int:
        if typed.startswith('"'):
            asked = "phraseto_tsquery('english', %s)"
        elif typed.endswith("*"):
            asked, typed = "to_tsquery('english', %s)", typed.replace("*", ":*")
        else:
            asked = "plainto_tsquery('english', %s)"
        where = f"words @@ {asked}" if typed else "year BETWEEN 1990 AND 1999"
        rank = f"ts_rank(words, {asked})" if typed else "id"
        one = [typed] if typed else []
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM bench_words WHERE {where} ORDER BY {rank} DESC LIMIT 20", one * 2)
            for column in ("country", "year"):
                cursor.execute(
                    f"SELECT {column}, count(*) n FROM bench_words WHERE {where} GROUP BY 1 ORDER BY n DESC", one
                )
            cursor.execute(
                "SELECT keyword_id, count(*) n FROM catalogue_recordkeyword JOIN bench_words w ON record_id = w.id "
                f"WHERE {where} GROUP BY 1 ORDER BY n DESC LIMIT 9",
                one,
            )
            cursor.execute(f"SELECT count(*) FROM bench_words WHERE {where}", one)
            return cursor.fetchone()[0]


def run(count: int, rounds: int, peers: bool) -> None:
    engines = [Ours(), Ours(None)]
    makers: list[Callable[[int], BareTantivy | Sqlite | Postgres]] = [BareTantivy]
    if peers:
        makers += [Sqlite, Postgres]
    for make in makers:
        started = time.perf_counter()
        engines.append(make(count))
        print(f"{engines[-1].name}: built in {time.perf_counter() - started:.0f} s", flush=True)
    print(f"\n{'data of a results page, median ms':34}" + "".join(f"{engine.name:>30}" for engine in engines))
    for name, typed in QUERIES.items():
        cells = []
        ours = 0.0
        for engine in engines:
            median = _median(engine, typed, rounds)
            ours = ours or median
            ratio = f"({median / ours:.1f}x)" if engine is not engines[0] else ""
            cells.append(f"{median:.1f} {ratio}")
        print(f"{name:34}" + "".join(f"{cell:>30}" for cell in cells), flush=True)


def _median(engine: Ours | BareTantivy | Sqlite | Postgres, typed: str, rounds: int) -> float:
    taken: list[float] = []
    engine.search(typed)
    # A peer that takes seconds is not asked a hundred times.
    while len(taken) < rounds and (len(taken) < 3 or sum(taken) < 5_000):
        started = time.perf_counter()
        engine.search(typed)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)
