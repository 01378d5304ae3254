"""`manage.py evaluate_relevance`: measure on a judged collection how well the search ranks.

The collection is indexed in a folder of its own, and its queries go the way of every search on the results page. Prints
nDCG@10 (Järvelin and Kekäläinen 2002: linear gain, log2 discount, ideal from all judged) and recall@100.
"""

import json
import tempfile
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log2
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import closest
from search.engine.base import Document, Index, Request
from search.filters import FIELD_NAMES
from search.keeping import ENGINE
from search.query import parse

DEPTH = 100


class Command(BaseCommand):
    help = "Index a judged collection beside the catalogue, run its queries, print nDCG@10 and recall@100."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpus", metavar="CORPUS.jsonl", help="documents: _id, title, text")
        parser.add_argument("queries", metavar="QUERIES.jsonl", help="queries: _id, text")
        parser.add_argument("qrels", metavar="QRELS.tsv", help="judgements: query-id, corpus-id, score")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            corpus = list(_lines(options["corpus"]))
            queries = {str(line["_id"]): str(line["text"]) for line in _lines(options["queries"])}
            judged = _judgements(options["qrels"])
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from None
        except (ValueError, KeyError) as error:
            raise CommandError(f"The collection cannot be read: {error}") from None
        with tempfile.TemporaryDirectory() as folder:
            collection = Collection(Path(folder) / "index", corpus)
            scores = [
                (ndcg(found, judged[name]), recall(found, judged[name]))
                for name, query in queries.items()
                if name in judged
                for found in [collection.search(query)]
            ]
        if not scores:
            raise CommandError("No query has a judgement.")
        gain, share = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        self.stdout.write(f"{len(scores)} queries: nDCG@10 {gain:.4f}, recall@{DEPTH} {share:.4f}")


class Collection:
    """A judged collection, indexed. Documents are numbered from 1 in the order of the file."""

    def __init__(self, folder: Path, corpus: Sequence[dict[str, Any]]) -> None:
        self.names = [str(line["_id"]) for line in corpus]
        self.texts = [(f"{line.get('title', '')} {line.get('text', '')}", "en") for line in corpus]
        self.index: Index = ENGINE.create(folder)
        with self.index.writer(bulk=True) as writer:
            for number, line in enumerate(corpus, start=1):
                writer.put(_document(number, line))
            writer.commit()
        self.index.reload()

    def search(self, query: str) -> list[str]:
        """Return the names of the documents of a results page of a hundred, best first."""
        # Parsed and searched as the box for any field is, but without the catalogue's own thesaurus.
        tree = parse(query, fields=FIELD_NAMES).tree
        answer = closest.with_closest(self.index, Request(tree, limit=DEPTH), self._read, DEPTH)
        return [self.names[number - 1] for number in answer]

    def _read(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        return [self.texts[number - 1] for number in numbers]


def _document(number: int, line: dict[str, Any]) -> Document:
    texts = {"title": [str(line.get("title", ""))], "summary": [str(line.get("text", ""))]}
    empty: dict[str, Any] = {name: {} for name in ("headings", "preferred", "numbers", "codes", "sort_keys")}
    return Document(number, "published", "en", texts, year=None, has_link=False, added=0, digest=number, **empty)


def _lines(path: str) -> Iterator[dict[str, Any]]:
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _judgements(path: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    with Path(path).open(encoding="utf-8") as file:
        next(file, "")
        for line in file:
            query, document, score = line.rstrip("\n").split("\t")
            if float(score) > 0:
                found[query][document] = float(score)
    return found


def ndcg(found: Sequence[str], judged: dict[str, float], depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain of the first `depth` documents found, from 0 to 1."""
    gain = sum(judged.get(name, 0.0) / log2(place + 2) for place, name in enumerate(found[:depth]))
    best = sorted(judged.values(), reverse=True)[:depth]
    return gain / sum(score / log2(place + 2) for place, score in enumerate(best))


def recall(found: Sequence[str], judged: dict[str, float], depth: int = DEPTH) -> float:
    """Return the share of the relevant documents that stand among the first `depth` found."""
    return len(judged.keys() & set(found[:depth])) / len(judged)
