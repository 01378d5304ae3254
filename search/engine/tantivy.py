"""The engine: tantivy, a search library in this process, its index in one folder."""

import ctypes
import functools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

import tantivy

from search.engine import base, terms
from search.engine.compiling import Compiler
from search.engine.counting import Counts
from search.engine.hits import PROBED, hits, reach, total
from search.engine.pages import PageIndex, PageWriter
from search.engine.schema import ANY, FORMAT, STEM, add_page, schema, to_tantivy
from search.query import Node

__all__ = ["FORMAT", "TantivyIndex"]

SMALL_HEAP, BULK_HEAP = 15_000_000, 80_000_000
# With more segments than this a search grows slow, and the writer waits for them to be merged.
MOST_SEGMENTS = 12
# Of so many words it is remembered in how many records they stand.
MOST_FREQUENCIES = 20_000


@contextmanager
def _unusable() -> Iterator[None]:
    """Turn whatever tantivy raises about a damaged index into IndexUnusable, its panics included."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # pyo3's PanicException is no Exception
        raise base.IndexUnusable(f"{type(error).__name__}: {error}") from error


@contextmanager
def _unwritable() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise base.IndexUnwritable(f"{type(error).__name__}: {error}") from error


class TantivyWriter(base.Writer):
    def __init__(self, index: tantivy.Index, pages: PageIndex, bulk: bool) -> None:
        self._index, self._bulk = index, bulk
        with _unwritable():
            # A second thread would halve the pieces and so double the work of joining them.
            self._writer = index.writer(BULK_HEAP if bulk else SMALL_HEAP, 1)
            self._pages = PageWriter(pages.index, BULK_HEAP if bulk else SMALL_HEAP)
            index.reload()  # a process that was killed may have written more than anybody has noted
            self._highest = _highest_number(index.searcher())

    def put(self, document: base.Document) -> None:
        with _unwritable():
            if document.number > self._highest:
                self._highest = document.number  # a new one, which there is nothing to delete for
            else:
                self._delete(document.number)
            made = to_tantivy(document)
            for page in document.pages:
                self._pages.add(document.number, page.number, add_page(made, page, document.language))
            self._writer.add_document(made)

    def delete(self, numbers: Iterable[int]) -> None:
        with _unwritable():
            for number in numbers:
                self._delete(number)

    def _delete(self, number: int) -> None:
        # Not by term: that takes a Python int for a signed number, and finds none in an unsigned field.
        self._writer.delete_documents_by_query(tantivy.Query.term_query(schema(), "number", number))
        self._pages.delete(number)

    def commit(self) -> None:
        with _unwritable():
            self._pages.commit()
            self._writer.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is not None:
            del self._writer, self._pages
            return
        with _unwritable():
            self._pages.close(MOST_SEGMENTS)
            self._index.reload()
            if self._index.searcher().num_segments > MOST_SEGMENTS:
                self._writer.wait_merging_threads()
            del self._writer
        if self._bulk:
            _give_memory_back()


class State:
    """One state of an index: its searcher, the languages of its records, and what was asked of it before."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self.languages = tuple(sorted(code for code, _ in searcher.terms_with_prefix("language_code", "")))
        self.counts = Counts(searcher)
        self.frequency = functools.lru_cache(MOST_FREQUENCIES)(searcher.doc_freq)

    def compiler(self) -> Compiler:
        return Compiler(self.searcher, self.languages, self.frequency)


class TantivyIndex(base.Index):
    def __init__(self, index: tantivy.Index, pages: PageIndex) -> None:
        self._index = index
        self._pages = pages
        index.register_tokenizer("whitespace", _whitespace())
        index.config_reader(reload_policy="manual")
        self.reload()

    @classmethod
    def create(cls, folder: Path) -> Self:
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise base.IndexUnwritable(f"{error.strerror} ({folder})") from error
        with _unwritable():
            return cls(tantivy.Index(schema(), path=str(folder)), PageIndex.create(folder))

    @classmethod
    def open(cls, folder: Path) -> Self:
        if not (folder / "meta.json").exists():
            raise base.IndexUnusable(f"There is no index in {folder}.")
        with _unusable():
            return cls(tantivy.Index(schema(), path=str(folder), reuse=True), PageIndex.open(folder))

    def reload(self) -> None:
        with _unusable():
            self._pages.index.reload()
            self._index.reload()
            # One state of the index with what is known of it: whoever searches takes both together.
            self._state = State(self._index.searcher())

    @property
    def size(self) -> int:
        return self._state.searcher.num_docs

    def writer(self, bulk: bool = False) -> TantivyWriter:
        return TantivyWriter(self._index, self._pages, bulk)

    def search(self, request: base.Request) -> base.Answer:
        state = self._state
        compiler = state.compiler()
        with _unusable():
            ordered = compiler.ordered(request)
            found, count = hits(state.searcher, ordered, request, compiler.is_dear)
            facets = state.counts.of(request, compiler, count) if request.facets else {}
        far = reach(state.searcher, request.sort)
        return base.Answer(
            found, count, facets, compiler.truncations, compiler.loosened, None if far is None or count <= far else far
        )

    def count(self, request: base.Request) -> int:
        state = self._state
        matching = state.compiler().matching(request)
        with _unusable():
            return total(state.searcher.search(matching, limit=1, count=True))

    def numbers(self, request: base.Request) -> list[int]:
        state = self._state
        is_far = reach(state.searcher, request.sort) is not None
        whole = replace(request, offset=0, limit=max(state.searcher.num_docs, PROBED + 1))
        whole = replace(whole, sort=base.Sort.ADDED) if is_far else whole
        compiler = state.compiler()
        with _unusable():
            ordered = compiler.ordered(request)
            found, _count = hits(state.searcher, ordered, whole, compiler.is_dear)
        return [hit.number for hit in found]

    def frequencies(self, words: Iterable[str]) -> dict[str, int]:
        frequency = self._state.frequency
        return {word: frequency(ANY + STEM, word) for word in words}

    def query_weight(self, request: base.Request) -> float:
        return self._state.compiler().query_weight(request)

    def pages(self, tree: Node, numbers: Iterable[int]) -> dict[int, int]:
        with _unusable():
            return self._pages.best(tree, numbers, self._state.languages)

    def complete(self, field_name: str, typed: str, most: int) -> list[base.Completion]:
        with _unusable():
            return terms.complete(self._state.searcher, field_name, typed, most)

    def spellings(self, word: str, most: int) -> list[str]:
        with _unusable():
            return terms.spellings(self._state.searcher, word, most)

    def digests(self, first: int, last: int) -> dict[int, int]:
        with _unusable():
            searcher = self._state.searcher
            field_type = tantivy.FieldType.Unsigned
            query = tantivy.Query.range_query(schema(), "number", field_type, lower_bound=first, upper_bound=last)
            # The limit is allocated at once; twice the size leaves room for doubles, which are a fault to be found.
            result = searcher.search(query, limit=2 * searcher.num_docs + 1, count=False)
            addresses = [address for _, address in result.hits]
            found: dict[int, int] = {}
            numbers = searcher.fast_field_values("number", addresses)
            fingerprints = searcher.fast_field_values("digest", addresses)
            for number, fingerprint in zip(numbers, fingerprints, strict=True):
                key = int(number or 0)
                found[key] = -1 if key in found else int(fingerprint or 0)
            return found


def _give_memory_back() -> None:
    """Give back what the threads of a writer leave: glibc keeps it for other threads, and each commit adds to it."""
    with suppress(OSError, AttributeError):  # another C library has no such function, and keeps less
        ctypes.CDLL(None).malloc_trim(0)


def _highest_number(searcher: tantivy.Searcher) -> int:
    if not searcher.num_docs:
        return 0
    every = tantivy.Query.all_query()
    found = searcher.search(every, 1, count=False, order_by_field="number", order=tantivy.Order.Desc)
    return int(searcher.fast_field_values("number", [found.hits[0][1]])[0] or 0)


def _whitespace() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
