"""The engine: tantivy, a search library in this process, its index in one folder."""

import ctypes
import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import tantivy

from search.engine import base, terms
from search.engine.compiling import Compiler
from search.engine.schema import ANY, CODE_FACETS, FORMAT, NUMBER_FACETS, SORT_KEYS, STEM, schema, to_tantivy

__all__ = ["FORMAT", "TantivyIndex"]

# More than any collection has headings.
MOST_FACET_VALUES = 1_000_000
SMALL_HEAP, BULK_HEAP = 15_000_000, 120_000_000
# With more segments than this a search grows slow, and the writer waits for them to be merged.
MOST_SEGMENTS = 12
# So many searches' counts are kept until the index changes.
MOST_KNOWN_COUNTS = 500

# How many hits are looked at to see whether some are equal in rank.
PROBED = 101

# The counts of each facet's values.
Facets = dict[str, dict[int | str, int]]


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
    def __init__(self, index: tantivy.Index, bulk: bool) -> None:
        self._index, self._bulk = index, bulk
        with _unwritable():
            # A second thread would halve the pieces and so double the work of joining them.
            self._writer = index.writer(BULK_HEAP if bulk else SMALL_HEAP, 1)
            index.reload()  # a process that was killed may have written more than anybody has noted
            self._highest = _highest_number(index.searcher())

    def put(self, document: base.Document) -> None:
        with _unwritable():
            if document.number > self._highest:
                self._highest = document.number  # a new one, which there is nothing to delete for
            else:
                self._delete(document.number)
            self._writer.add_document(to_tantivy(document))

    def delete(self, numbers: Iterable[int]) -> None:
        with _unwritable():
            for number in numbers:
                self._delete(number)

    def _delete(self, number: int) -> None:
        # Not by term: that takes a Python int for a signed number, and finds none in an unsigned field.
        self._writer.delete_documents_by_query(tantivy.Query.term_query(schema(), "number", number))

    def commit(self) -> None:
        with _unwritable():
            self._writer.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is not None:
            del self._writer
            return
        with _unwritable():
            self._index.reload()
            if self._index.searcher().num_segments > MOST_SEGMENTS:
                self._writer.wait_merging_threads()
            del self._writer
        if self._bulk:
            _give_memory_back()


class State:
    """One state of an index: its searcher, the languages of its records, and counts that were asked before."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self.languages = tuple(sorted(code for code, _ in searcher.terms_with_prefix("language_code", "")))
        self.counts: dict[Any, Facets] = {}

    def compiler(self) -> Compiler:
        return Compiler(self.searcher, self.languages)

    def facets(self, matching: tantivy.Query, request: base.Request, compiler: Compiler) -> Facets:
        """Return the counts of facets, which are the same for every page and order of a search, and for most robots."""
        key = (request.tree, request.filters, request.statuses, request.loose, tuple(request.facets.items()))
        known = self.counts.get(key)
        if known is None:
            known = _count(self.searcher, matching, request, compiler)
            if len(self.counts) >= MOST_KNOWN_COUNTS:
                self.counts.clear()
            self.counts[key] = known
        return known


class TantivyIndex(base.Index):
    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
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
            return cls(tantivy.Index(schema(), path=str(folder)))

    @classmethod
    def open(cls, folder: Path) -> Self:
        if not (folder / "meta.json").exists():
            raise base.IndexUnusable(f"There is no index in {folder}.")
        with _unusable():
            return cls(tantivy.Index(schema(), path=str(folder), reuse=True))

    def reload(self) -> None:
        with _unusable():
            self._index.reload()
            # One state of the index with what is known of it: whoever searches takes both together.
            self._state = State(self._index.searcher())

    @property
    def size(self) -> int:
        return self._state.searcher.num_docs

    def writer(self, bulk: bool = False) -> TantivyWriter:
        return TantivyWriter(self._index, bulk)

    def search(self, request: base.Request) -> base.Answer:
        state = self._state
        compiler = state.compiler()
        matching = compiler.matching(request)
        ranking = compiler.ranking(request) if request.sort is base.Sort.RELEVANCE else matching
        with _unusable():
            hits, count = _hits(state.searcher, ranking, request)
            facets = state.facets(matching, request, compiler) if request.facets else {}
        return base.Answer(hits, count, facets, compiler.truncations, compiler.loosened)

    def count(self, request: base.Request) -> int:
        state = self._state
        matching = state.compiler().matching(request)
        with _unusable():
            return _total(state.searcher.search(matching, limit=1, count=True))

    def numbers(self, request: base.Request) -> list[int]:
        state = self._state
        compiler = state.compiler()
        query = compiler.ranking(request) if request.sort is base.Sort.RELEVANCE else compiler.matching(request)
        size = state.searcher.num_docs
        with _unusable():
            hits, _count = _hits(state.searcher, query, replace(request, offset=0, limit=max(size, PROBED + 1)))
        return [hit.number for hit in hits]

    def frequencies(self, words: Iterable[str]) -> dict[str, int]:
        return {word: self._state.searcher.doc_freq(ANY + STEM, word) for word in words}

    def query_weight(self, request: base.Request) -> float:
        return self._state.compiler().query_weight(request)

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


def _hits(searcher: tantivy.Searcher, query: tantivy.Query, request: base.Request) -> tuple[tuple[base.Hit, ...], int]:
    """Return the hits of a page, and how many there are in all."""
    paging = _paging(request, searcher.num_docs)
    first, last = paging["offset"], paging["offset"] + paging["limit"]
    if request.sort is not base.Sort.RELEVANCE:
        result = searcher.search(query, **paging, count=True)
        return _read_hits(searcher, result.hits, scored=False), _total(result)
    # The same best hits decide for every page whether there are equals, so that no record comes twice or never.
    result = searcher.search(query, limit=PROBED, count=True)
    found, total = result.hits, _total(result)
    if not any(one == other for (one, _), (other, _) in itertools.pairwise(found)):
        found = found[first:last] if last <= PROBED else searcher.search(query, **paging, count=False).hits
    elif last <= _whole_ranks(found):
        found = _newer_first(searcher, found)[first:last]
    else:
        # To weigh every match by its year takes longer than to find the best.
        found = searcher.search(query, **paging, count=False, weight_by_field="recency").hits
    return _read_hits(searcher, found, scored=True), total


def _whole_ranks(found: list[tuple[Any, tantivy.DocAddress]]) -> int:
    """Return how many of the best hits have no equals but among themselves: what comes after them is not known."""
    if len(found) < PROBED:
        return len(found)
    return next(place for place, (score, _) in enumerate(found) if score == found[-1][0])


def _newer_first(
    searcher: tantivy.Searcher, found: list[tuple[Any, tantivy.DocAddress]]
) -> list[tuple[Any, tantivy.DocAddress]]:
    """Put newer records first among equals, as a search weighted by recency does."""
    recency = searcher.fast_field_values("recency", [address for _, address in found])
    weighed = [score * float(weight or 1.0) for (score, _), weight in zip(found, recency, strict=True)]
    order = sorted(range(len(found)), key=lambda place: -weighed[place])
    return [(weighed[place], found[place][1]) for place in order]


def _read_hits(
    searcher: tantivy.Searcher, found: list[tuple[Any, tantivy.DocAddress]], scored: bool
) -> tuple[base.Hit, ...]:
    numbers = searcher.fast_field_values("number", [address for _, address in found])
    return tuple(
        base.Hit(int(number or 0), float(score) if scored else 0.0)
        for number, (score, _) in zip(numbers, found, strict=True)
    )


def _total(result: tantivy.SearchResult) -> int:
    total: int = result.count  # type: ignore[attr-defined] # missing in its stubs
    return total


def _paging(request: base.Request, size: int) -> dict[str, Any]:
    # Room for offset and limit is allocated before anything is counted: no page lies behind the last record.
    paging: dict[str, Any] = {
        "limit": max(min(request.limit, size), 1),
        "offset": min(request.offset, size),
    }
    if request.sort is base.Sort.RELEVANCE:
        return paging
    descending = {base.Sort.NEWEST: "year", base.Sort.ADDED: "added"}
    if request.sort in descending:
        return {**paging, "order_by_field": descending[request.sort], "order": tantivy.Order.Desc}
    ascending = {base.Sort.OLDEST: "year", **SORT_KEYS}
    return {**paging, "order_by_field": ascending[request.sort], "order": tantivy.Order.Asc}


def _count(searcher: tantivy.Searcher, matching: tantivy.Query, request: base.Request, compiler: Compiler) -> Facets:
    """Return the counts of each facet's values; a filtered facet is counted without its own filter."""
    filtered = {one.facet for one in request.filters}
    together = {name: size for name, size in request.facets.items() if name not in filtered}
    facets: Facets = {}
    if together:
        answer = searcher.aggregate(matching, _aggregations(together))
        facets = {name: _buckets(answer[name]) for name in together}
    for name in filtered & request.facets.keys():
        alone = searcher.aggregate(
            compiler.matching(request, without=name), _aggregations({name: request.facets[name]})
        )
        facets[name] = _buckets(alone[name])
    return facets


def _aggregations(wanted: Mapping[str, int]) -> dict[str, Any]:
    # Counts are exact only when every segment reports all of its values.
    return {
        name: {"terms": {"field": field, "size": size, "segment_size": MOST_FACET_VALUES, **missing}}
        for name, size in wanted.items()
        for field, missing in [_facet_field(name)]
    }


def _facet_field(name: str) -> tuple[str, dict[str, Any]]:
    if name in NUMBER_FACETS:
        return f"{name}_number", {"missing": 0}
    if name in CODE_FACETS:
        return f"{name}_code", {"missing": ""}
    return name, {"missing": -1} if name == "year" else {}


def _buckets(answer: Any) -> dict[int | str, int]:
    return {_key(bucket["key"]): bucket["doc_count"] for bucket in answer["buckets"]}


def _key(key: Any) -> int | str:
    return int(key) if isinstance(key, float | int) else str(key)
