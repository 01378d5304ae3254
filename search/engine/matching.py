"""Turns a query tree (search/query.py) and filters into the query of tantivy that decides which records match.

It is as narrow as it can be, since counts and facets run through every match; compiling.py adds what ranks them.
"""

import functools
from collections.abc import Callable, Iterator, Sequence

import tantivy
from tantivy import Occur, Query

from search import query, text
from search.engine import base, terms
from search.engine.schema import ANY, AUTHORITIES, CODE_FACETS, END, START, STEM, schema, whole
from search.engine.stemming import stems_in
from search.fields import DOCUMENT, FIELDS, Kind

# Tells of a field and a term in how many records it stands.
Frequency = Callable[[str, str], int]

STATUSES = frozenset({"draft", "review", "published", "withdrawn"})

# For all phrases of one search together the places of words are read so often: of each word in each record that could
# have the phrase, and twice where the words may come in any order. About a quarter of a second, and
# enough for one phrase of two words that stand in each of a million records.
MOST_PLACED = 2_000_000
# A search that reads the places of words more often than this is not carried out once more for a better order.
DEAR = 200_000
# A word stands in so many more places of a document than of a record: measured with documents of a hundred pages.
PLACES_IN_DOCUMENT = 100


class Matcher:
    """Compiles what must match, against one state of the index. Every tree has a query, if only the empty one."""

    def __init__(self, searcher: tantivy.Searcher, languages: tuple[str, ...], frequency: Frequency) -> None:
        self.searcher = searcher
        self.languages = languages
        self.frequency = frequency
        self.schema = schema()
        self.truncations: dict[str, tuple[int, int]] = {}
        self._trees: dict[query.Node, Query] = {}
        self._affordable: dict[tuple[str, tuple[str, ...], int], bool] = {}
        self._left = MOST_PLACED
        self._postings = terms.MOST_POSTINGS

    @property
    def loosened(self) -> tuple[str, ...]:
        """The phrases that were searched as words side by side, since all of them would take too long."""
        return tuple(" ".join(words) for (_, words, _), affordable in self._affordable.items() if not affordable)

    @property
    def is_dear(self) -> bool:
        """Whether to carry the search out takes so long that it shall not be done once more than it must."""
        return MOST_PLACED - self._left > DEAR

    def matching(self, request: base.Request) -> Query:
        """Return what decides which records match."""
        tree = request.tree
        clauses = [] if isinstance(tree, query.Everything) else [(Occur.Must, self._whole(tree))]
        return self._restricted(clauses, request)

    def _whole(self, tree: query.Node) -> Query:
        """Return what finds a whole tree: hits and each facet ask for it."""
        if tree not in self._trees:
            truncated = sum(isinstance(leaf, query.Truncated) for leaf in query.leaves(tree))
            self._postings = terms.MOST_POSTINGS // max(truncated, 1)
            self._trees[tree] = self._node(tree, ANY)
        return self._trees[tree]

    # What must hold besides the query

    def _restricted(self, clauses: list[tuple[Occur, Query]], request: base.Request) -> Query:
        for one in request.filters:
            clauses.extend(self._filter(one))
        # Nearly all records are published: to leave the others out is cheaper than to look each one up.
        hidden = [
            self._term("status_code", status)
            for status in sorted(STATUSES - request.statuses)
            if self.frequency("status_code", status)
        ]
        left_out = [self._term("number", number) for number in sorted(request.leave_out)]
        if not any(occur is not Occur.MustNot for occur, _ in clauses):
            clauses.append((Occur.Must, everything()))
        clauses.extend((Occur.MustNot, one) for one in (*hidden, *left_out))
        return clauses[0][1] if len(clauses) == 1 else Query.boolean_query(clauses)

    def _filter(self, one: base.Filter) -> Iterator[tuple[Occur, Query]]:
        wanted = [self._facet_values(one.facet, one.include)] if one.include else []
        if one.missing:
            wanted.append(Query.boolean_query([(Occur.Must, everything()), (Occur.MustNot, self._has(one.facet))]))
        if wanted:
            yield Occur.Must, Query.const_score_query(any_query(wanted), 0.0)
        if one.without:
            yield Occur.Must, Query.const_score_query(self._has(one.facet), 0.0)
        if one.exclude:
            yield Occur.MustNot, self._facet_values(one.facet, one.exclude)

    def _facet_values(self, facet: str, values: Sequence[str]) -> Query:
        """Return what finds the records with any of these values."""
        # A set of terms is read much faster than as many terms.
        if facet in AUTHORITIES:
            return Query.term_set_query(self.schema, f"{facet}_heading", list(map(whole, values)))
        if facet in CODE_FACETS:
            return Query.term_set_query(self.schema, f"{facet}_code", list(values))
        return any_query([self._facet_value(facet, value) for value in values])

    def _facet_value(self, facet: str, value: str) -> Query:
        if facet == "year":
            years = query.parse_years(value)
            return self._years(years) if years else Query.empty_query()
        return Query.term_query(self.schema, facet, value == "1")

    def _has(self, facet: str) -> Query:
        if facet in AUTHORITIES:
            return Query.exists_query(f"{facet}_number")
        return Query.exists_query(f"{facet}_code" if facet in CODE_FACETS else facet)

    # What matches

    def _term(self, field: str, value: str | int) -> Query:
        return Query.term_query(self.schema, field, value, "basic")

    @functools.singledispatchmethod
    def _node(self, node: query.Node, field: str) -> Query:
        return Query.empty_query()

    @_node.register
    def _(self, node: query.Everything, field: str) -> Query:
        return everything()

    @_node.register
    def _(self, node: query.And, field: str) -> Query:
        clauses = [(Occur.Must, self._node(child, field)) for child in node.nodes if not isinstance(child, query.Not)]
        excluded = [child.node for child in node.nodes if isinstance(child, query.Not)]
        clauses.extend((Occur.MustNot, one) for one in self._any_of(excluded, field))
        if all(occur is Occur.MustNot for occur, _ in clauses):
            clauses.append((Occur.Must, everything()))
        return Query.boolean_query(clauses)

    def _any_of(self, nodes: Sequence[query.Node], field: str) -> Iterator[Query]:
        """Yield what finds any of these, unranked: single words as a set, which is read much faster."""
        together: list[str] = []
        for node in nodes:
            words = text.tokens(node.text) if isinstance(node, query.Word) and field == ANY else []
            if len(words) == 1 and not text.is_unspaced(words[0]):
                together.extend(self._stems(words[0]))
            else:
                yield self._node(node, field)
        if together:
            yield Query.term_set_query(self.schema, field + STEM, together)

    @_node.register
    def _(self, node: query.Or, field: str) -> Query:
        return any_query([self._node(child, field) for child in node.nodes])

    @_node.register
    def _(self, node: query.Not, field: str) -> Query:
        return Query.boolean_query([(Occur.Must, everything()), (Occur.MustNot, self._node(node.node, field))])

    @_node.register
    def _(self, node: query.In, field: str) -> Query:
        return self._node(node.node, node.field)

    @_node.register
    def _(self, node: query.Word, field: str) -> Query:
        if field != ANY and FIELDS[field].kind is Kind.CODE:
            return self._term(f"{field}_code", node.text.lower())
        words = text.tokens(node.text)
        if len(words) == 1:
            return self._word(words[0], field)
        branches = [self._phrase(words, field)]
        branches.extend(self._word(joined, field) for joined in text.joined_hyphenations(node.text)[:1])
        return any_query(branches)

    @_node.register
    def _(self, node: query.HistoryLine, field: str) -> Query:
        return self._node(query.Word(str(node.number)), field)

    def _word(self, word: str, field: str) -> Query:
        if text.is_unspaced(word) and len(word) == 1:
            found = [pair for pair, _ in self.searcher.terms_with_prefix(field, word, limit=terms.MOST_OPENED)]
            return Query.term_set_query(self.schema, field, found) if found else Query.empty_query()
        if field != ANY and not FIELDS[field].stemmed:
            return Query.term_query(self.schema, field, word, "freq")
        return any_query([Query.term_query(self.schema, field + STEM, stem, "freq") for stem in self._stems(word)])

    def _stems(self, word: str) -> list[str]:
        return stems_in(word, self.languages)

    def _afford(self, field: str, words: Sequence[str], distance: int) -> bool:
        """Tell whether a phrase can be looked for as such; the answer is the same throughout a search."""
        key = (field, tuple(words), distance)
        if key not in self._affordable:
            records = min(self.frequency(field, word) for word in words)
            cost = records * len(words) * (2 if distance else 1) * self._places(field)
            self._affordable[key] = cost <= self._left
            if self._affordable[key]:
                self._left -= cost
        return self._affordable[key]

    def _places(self, field: str) -> int:
        return PLACES_IN_DOCUMENT if field == DOCUMENT else 1

    def _phrase(self, words: Sequence[str], field: str, distance: int = 0) -> Query:
        ordered: list[str | tuple[int, str]] = list(words)
        if len(ordered) == 1:
            return Query.term_query(self.schema, field, ordered[0], "freq")
        if not self._afford(field, words, distance):
            return Query.boolean_query([(Occur.Must, self._phrase([word], field)) for word in dict.fromkeys(words)])
        forward = Query.phrase_query(self.schema, field, ordered, slop=distance)
        if not distance:
            return forward
        # tantivy counts an exchange of places as two steps; near each other in any order means either way round.
        return any_query([forward, Query.phrase_query(self.schema, field, ordered[::-1], slop=distance)])

    @_node.register
    def _(self, node: query.Phrase, field: str) -> Query:
        if field != ANY and FIELDS[field].kind is Kind.CODE:
            return self._term(f"{field}_code", " ".join(node.words))
        return self._phrase(node.words, field, node.distance)

    @_node.register
    def _(self, node: query.Truncated, field: str) -> Query:
        if field != ANY and FIELDS[field].kind is not Kind.TEXT:
            return Query.empty_query()
        found, number = terms.opened(self.searcher, field, node.pattern, self._postings)
        if number > len(found):
            self.truncations[node.pattern] = (number, len(found))
        return Query.term_set_query(self.schema, field, found) if found else Query.empty_query()

    @_node.register
    def _(self, node: query.Heading, field: str) -> Query:
        if FIELDS[node.field].authority:
            return self._term(f"{node.field}_heading", whole(node.text))
        if FIELDS[node.field].kind is Kind.CODE:
            return self._term(f"{node.field}_code", node.text.lower())
        words = text.tokens(node.text)
        return self._phrase([START, *words, END] if node.field == "title" else words, node.field)

    @_node.register
    def _(self, node: query.Range, field: str) -> Query:
        return self._years(node)

    def _years(self, years: query.Range) -> Query:
        integer = tantivy.FieldType.Integer
        found = Query.range_query(self.schema, "year", integer, lower_bound=years.low, upper_bound=years.high)
        return Query.const_score_query(found, 0.0)


def everything() -> Query:
    return Query.const_score_query(Query.all_query(), 0.0)


def boosted(one: Query, weight: float) -> Query:
    return Query.boost_query(one, weight)


def any_query(queries: list[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, one) for one in queries])
