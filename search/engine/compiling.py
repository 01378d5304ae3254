"""Turns a request into the queries of tantivy that rank its records: the best of those that match, or the closest."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from math import log

from tantivy import Occur, Query

from search import query, text
from search.engine import base, weights
from search.engine.matching import Matcher, any_query, boosted
from search.engine.schema import ACCENTED, ANY, END, START, STEM
from search.fields import FIELDS, Kind


class Compiler(Matcher):
    """Compiles requests against one state of the index."""

    def matching(self, request: base.Request) -> Query:
        if not request.loose:
            return super().matching(request)
        return self._restricted(list(self._loose_clauses(request)), request)

    def ordered(self, request: base.Request) -> Query:
        """Return what finds the records that match and, where the best come first, ranks them."""
        words = [] if request.loose or request.sort is not base.Sort.RELEVANCE else self._words(request.tree)
        if not words:
            return self.matching(request)
        clauses = [(Occur.Must, self._whole(request.tree)), *self._raising(words)]
        return self._restricted(clauses, request)

    def _words(self, tree: query.Node, field: str = ANY) -> list[tuple[str, query.Word | query.Phrase]]:
        """Return the words and phrases that count for the rank, with the field that each is looked for in."""
        match tree:
            case query.Word() | query.Phrase(distance=0):
                return [(field, tree)]
            case query.In(name, node) if FIELDS[name].kind is Kind.TEXT:
                return self._words(node, name)
            case query.And(nodes) | query.Or(nodes):
                return [found for node in nodes for found in self._words(node, field)]
            case _:
                return []

    def _raising(self, words: list[tuple[str, query.Word | query.Phrase]]) -> Iterator[tuple[Occur, Query]]:
        """Yield what raises a record that matches: words in the title and as typed, near each other, whole titles."""
        words = [(field, node) for field, node in words if field in (ANY, "title")]
        for field, node in words[: weights.MOST_RAISING]:
            tokens = text.tokens(node.text) if isinstance(node, query.Word) else list(node.words)
            for token in dict.fromkeys(tokens[: weights.MOST_RAISING]):
                yield from self._raising_word(token, field)
            if isinstance(node, query.Word):
                for accented in text.accented_words(node.text):
                    yield Occur.Should, boosted(self._term(ACCENTED, accented), weights.ACCENTED)
        order = [
            token
            for _, node in words
            for token in (text.tokens(node.text) if isinstance(node, query.Word) else node.words)
        ]
        yield from self._raising_order(order[: 2 * weights.MOST_RAISING])

    def _raising_word(self, token: str, field: str) -> Iterator[tuple[Occur, Query]]:
        weight = self._weight(self._stems(token))
        if field == ANY:
            exact = self.frequency(ANY, token)
            # Where every record has the word as typed, that tells none from another.
            if exact != sum(self.frequency(ANY + STEM, stem) for stem in self._stems(token)):
                yield Occur.Should, boosted(Query.term_query(self.schema, ANY, token, "freq"), weights.EXACT)
            if 0 < self.frequency("author", token) <= self.searcher.num_docs * weights.AUTHOR_COMMON_SHARE:
                author = Query.term_query(self.schema, "author", token, "freq")
                yield Occur.Should, boosted(author, weights.AUTHOR * weight)
        for stem in self._stems(token):
            in_title = Query.term_query(self.schema, "title" + STEM, stem, "freq")
            yield Occur.Should, boosted(in_title, weights.TITLE * weight)

    def _raising_order(self, tokens: list[str]) -> Iterator[tuple[Occur, Query]]:
        if not tokens or not all(self.frequency("title", token) for token in tokens):
            yield from self._neighbours(tokens)
            return
        whole_title = Query.phrase_query(self.schema, "title", [START, *tokens, END])
        begins = Query.phrase_query(self.schema, "title", [START, *tokens])
        yield Occur.Should, Query.const_score_query(whole_title, weights.WHOLE_TITLE)
        yield Occur.Should, Query.const_score_query(begins, weights.TITLE_BEGINS)
        yield from self._neighbours(tokens)

    def _neighbours(self, tokens: list[str]) -> Iterator[tuple[Occur, Query]]:
        most = self.searcher.num_docs * weights.COMMON_SHARE
        left = weights.MOST_NEIGHBOURS
        for one, other in zip(tokens, tokens[1:], strict=False):
            rarer, commoner = sorted(self.frequency(ANY, token) for token in (one, other))
            if one != other and 0 < rarer <= left and commoner <= most:
                left -= rarer
                pair = Query.phrase_query(self.schema, ANY, [one, other], slop=weights.NEIGHBOUR_DISTANCE)
                yield Occur.Should, boosted(pair, weights.NEIGHBOURS)

    def _weight(self, stems: Iterable[str]) -> float:
        """Return the weight of a word by its rarity, its stems taken together."""
        size = self.searcher.num_docs
        frequency = min(size, sum(self.frequency(ANY + STEM, stem) for stem in stems))
        return float(log(1 + (size - frequency + 0.5) / (frequency + 0.5)) ** weights.IDF_POWER)

    # The closest

    def _loose_words(self, tree: query.Node) -> list[tuple[str, str]]:
        """Return the words of a query in their order, repeated as often as it repeats them, each with its field."""
        return [
            (field, token)
            for field, node in self._words(tree)
            for token in (text.tokens(node.text) if isinstance(node, query.Word) else node.words)
        ]

    def query_weight(self, request: base.Request) -> float:
        return sum(self._weight(self._stems(token)) for _, token in self._loose_words(request.tree))

    def _loose_clauses(self, request: base.Request) -> Iterator[tuple[Occur, Query]]:
        """Yield what ranks records that have any of the words; brackets, OR and the like only decide when exact."""
        words = self._loose_words(request.tree)
        branches = [
            branch for (field, token), times in self._telling(words) for branch in self._loose(field, token, times)
        ]
        branches.extend(
            boosted(Query.term_query(self.schema, ANY + STEM, stem, "freq"), weight)
            for stem, weight in request.expansion.items()
        )
        branches.extend(one for _, one in self._neighbours([token for _, token in words[:200]]))
        yield Occur.Must, any_query(branches)
        yield from self._forbidden(request.tree)

    def _telling(self, words: list[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
        """Return the different words of a query, how often it repeats each; of very many, those that tell most."""
        counted = sorted(Counter(words).items(), key=lambda item: -item[1] * self._weight(self._stems(item[0][1])))
        frequencies = (self.frequency(ANY + STEM, stem) for (_, word), _ in counted for stem in self._stems(word)[:1])
        read = itertools.accumulate(frequencies)
        affordable = sum(1 for postings in read if postings <= weights.MOST_LOOSE_POSTINGS)
        return counted[: max(1, min(affordable, weights.MOST_LOOSE))]

    def _loose(self, field: str, token: str, times: int) -> Iterator[Query]:
        weight = self._weight(self._stems(token)) * times
        if field not in (ANY, "title"):
            yield boosted(self._word(token, field), weight)
            return
        for stem in self._stems(token):
            if field == ANY:
                yield boosted(Query.term_query(self.schema, ANY + STEM, stem, "freq"), weight)
            yield boosted(Query.term_query(self.schema, "title" + STEM, stem, "freq"), weight * weights.TITLE)
        yield boosted(Query.term_query(self.schema, field, token, "freq"), weights.EXACT)

    def _forbidden(self, tree: query.Node) -> Iterator[tuple[Occur, Query]]:
        """Yield what even the closest must keep to: years, whole headings, and what was excluded."""
        nodes = tree.nodes if isinstance(tree, query.And) else (tree,)
        for node in nodes:
            if isinstance(node, query.Not):
                yield Occur.MustNot, self._node(node.node, ANY)
            elif isinstance(node, query.Range | query.Heading) or _is_coded(node):
                yield Occur.Must, Query.const_score_query(self._node(node, ANY), 0.0)


def _is_coded(node: query.Node) -> bool:
    return isinstance(node, query.In) and FIELDS[node.field].kind is Kind.CODE
