"""The pages of documents as an index of their own, beside that of the records: on which page a search found its words.

A record is one document of the record's index, however many pages are kept with it; so counts are counts of records.
This index is only asked about the few records of one page of results, and what it leads to is read from the database
again: where it is a step ahead or behind, no page is shown.
"""

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import Self

import tantivy
from tantivy import Occur, Query

from search import query
from search.engine.matching import Matcher, any_query
from search.engine.schema import STEM
from search.fields import DOCUMENT

NAME = "pages"
MOST_SECONDS = 0.15


@functools.cache
def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_unsigned_field("page", fast=True)
    builder.add_text_field(DOCUMENT, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field(DOCUMENT + STEM, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _of(number: int) -> Query:
    return Query.term_query(schema(), "number", number, "basic")


class PageWriter:
    """Changes the pages of an index. Nothing is opened before there is something to write: most records have none."""

    def __init__(self, index: tantivy.Index, heap: int) -> None:
        self._index = index
        self._heap = heap
        self._writer: tantivy.IndexWriter | None = None
        index.reload()  # a process that was killed may have written more than anybody has noted
        self._searcher = index.searcher()
        self._is_empty = not self._searcher.num_docs
        self._added: set[int] = set()

    def _open(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(self._heap, 1)
        return self._writer

    def delete(self, number: int) -> None:
        """Take out the pages of a record."""
        is_written = not self._is_empty and self._searcher.search(_of(number), 1, count=False).hits
        if is_written or number in self._added:
            self._open().delete_documents_by_query(_of(number))

    def add(self, number: int, page: int, words: Iterable[tuple[str, str]]) -> None:
        made = tantivy.Document()
        made.add_unsigned("number", number)
        made.add_unsigned("page", page)
        for plain, stemmed in words:
            made.add_text(DOCUMENT, plain)
            made.add_text(DOCUMENT + STEM, stemmed)
        self._open().add_document(made)
        self._added.add(number)

    def commit(self) -> None:
        if self._writer is not None:
            self._writer.commit()

    def close(self, most_segments: int) -> None:
        """Let go of the index; where it is in many pieces, once they are joined."""
        if self._writer is None:
            return
        self._index.reload()
        if self._index.searcher().num_segments > most_segments:
            self._writer.wait_merging_threads()
        self._writer = None


class PageMatcher(Matcher):
    """Compiles what a page must have."""

    def __init__(self, searcher: tantivy.Searcher, languages: tuple[str, ...]) -> None:
        super().__init__(searcher, languages, searcher.doc_freq)
        self.schema = schema()

    def any_of(self, tree: query.Node) -> Query | None:
        """Return what matches pages with anything that a tree looks for in documents; None where that is nothing."""
        wanted = [self._node(node, DOCUMENT) for node in _asked(tree, False)]
        return any_query(wanted) if wanted else None

    def _places(self, field: str) -> int:
        return 0  # only the pages of a few records are looked at


class PageIndex:
    def __init__(self, index: tantivy.Index) -> None:
        self.index = index
        index.register_tokenizer("whitespace", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        index.config_reader(reload_policy="manual")
        index.reload()

    @classmethod
    def create(cls, folder: Path) -> Self:
        (folder / NAME).mkdir()
        return cls(tantivy.Index(schema(), path=str(folder / NAME)))

    @classmethod
    def open(cls, folder: Path) -> Self:
        return cls(tantivy.Index(schema(), path=str(folder / NAME), reuse=True))

    def best(self, tree: query.Node, numbers: Iterable[int], languages: tuple[str, ...]) -> dict[int, int]:
        """Return for each of these records its page where most of the words stand that are looked for in documents.

        Of many thick documents only the first ones, so that no reader waits.
        """
        searcher = self.index.searcher()
        wanted = PageMatcher(searcher, languages).any_of(tree)
        found: dict[int, int] = {}
        if wanted is None or not searcher.num_docs:
            return found
        until = monotonic() + MOST_SECONDS
        for number in numbers:
            own = (Occur.Must, Query.const_score_query(_of(number), 0.0))
            hits = searcher.search(Query.boolean_query([own, (Occur.Must, wanted)]), 1, count=False).hits
            if hits:
                found[number] = int(searcher.fast_field_values("page", [hits[0][1]])[0] or 0)
            if monotonic() > until:
                break
        return found


def _asked(node: query.Node, is_inside: bool) -> Iterator[query.Node]:
    """Yield what a tree looks for in documents, word by word and phrase by phrase; not what it forbids."""
    match node:
        case query.And(nodes) | query.Or(nodes):
            for child in nodes:
                yield from _asked(child, is_inside)
        case query.In(name, child):
            yield from _asked(child, name == DOCUMENT)
        case query.Heading(name, _):
            yield from [node] if name == DOCUMENT else []
        case query.Word() | query.Phrase() | query.Truncated():
            yield from [node] if is_inside else []
