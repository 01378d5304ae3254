"""Marks the words that were looked for. Every piece of text is escaped on its own, marked or not."""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search import query, text
from search.engine.stemming import DEFAULT, stems

# In brackets, so that a split keeps the words beside what stands between them.
_CHUNK = re.compile(r"([^\W_]+(?:['’.‐-―-][^\W_]+)*)")


@functools.lru_cache(maxsize=100_000)
def _forms(chunk: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tokens of one word of a text, and their stems. Most words of a page were on the page before."""
    tokens = (*text.tokens(chunk), *text.joined_hyphenations(chunk))
    return tokens, tuple(stems(tokens, DEFAULT))


@dataclass
class Words:
    """The words to mark in one field: as they stand, by their stems, by patterns."""

    exact: set[str] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)
    patterns: list[re.Pattern[str]] = field(default_factory=list)

    def add(self, tokens: Iterable[str], stemmed: bool = True) -> None:
        self.exact.update(tokens)
        if stemmed:
            self.stems.update(stems(list(tokens), DEFAULT))

    def __or__(self, other: "Words") -> "Words":
        return Words(self.exact | other.exact, self.stems | other.stems, self.patterns + other.patterns)

    def hold(self, chunk: str) -> bool:
        """Tell whether a word of a text is one of these."""
        tokens, stemmed = _forms(chunk)
        if not self.exact.isdisjoint(tokens) or not self.stems.isdisjoint(stemmed):
            return True
        return bool(self.patterns) and any(pattern.fullmatch(token) for pattern in self.patterns for token in tokens)


def words_of(tree: query.Node) -> dict[str, Words]:
    """Return the words that a query asks for, by field; "" stands for any field. What it forbids is left out."""
    found: dict[str, Words] = {}
    for name, node in _leaves(tree, ""):
        words = found.setdefault(name, Words())
        match node:
            case query.Word(word):
                words.add([*text.tokens(word), *text.joined_hyphenations(word)])
            case query.Phrase(tokens):
                words.add(tokens, stemmed=False)
            case query.Heading(_field, heading):
                words.add(text.tokens(heading), stemmed=False)
            case query.Truncated(pattern):
                words.patterns.append(re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")))
    return found


def _leaves(node: query.Node, name: str) -> Iterator[tuple[str, query.Node]]:
    match node:
        case query.And(nodes) | query.Or(nodes):
            for child in nodes:
                yield from _leaves(child, name)
        case query.In(inner, child):
            yield from _leaves(child, inner)
        case query.Heading(inner, _):
            yield inner, node
        case query.Not():
            return
        case _:
            yield name, node


class _Pieces(dict[str, str]):
    """The HTML of each word and of what stands between words: each is judged and escaped once a page."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.marked: set[str] = set()
        patterns = (pattern.pattern for pattern in words.patterns)
        self.initials = {word[0] for word in (*words.exact, *words.stems, *patterns) if word}

    def __missing__(self, chunk: str) -> str:
        # Stemming leaves the first letter: nearly all words of a page are judged by theirs.
        if chunk.isascii() and chunk.isalnum() and chunk[0].lower() not in self.initials:
            self[chunk] = chunk
            return chunk
        piece = escape(chunk)
        if self.words.hold(chunk):
            self.marked.add(chunk)
            piece = f"<mark>{piece}</mark>"
        self[chunk] = piece
        return piece


class Marker:
    """Marks texts of one page of results."""

    def __init__(self, words: dict[str, Words]) -> None:
        anywhere = words.get("")
        joined = {name: own | anywhere if anywhere and name else own for name, own in words.items()}
        self._pieces = {name: _Pieces(own) for name, own in joined.items()}

    def mark(self, value: str, name: str) -> SafeString:
        """Return the text of a field as HTML, the words that were looked for in <mark>."""
        pieces = self._pieces.get(name, self._pieces.get(""))
        if pieces is None:
            return mark_safe(escape(value))  # noqa: S308
        return mark_safe("".join(map(pieces.__getitem__, _CHUNK.split(value))))  # noqa: S308 - every piece is escaped

    def hits(self, value: str, name: str) -> list[tuple[int, str]]:
        """Return where in a text `mark` would mark words, each with its stem."""
        pieces = self._pieces.get(name, self._pieces.get(""))
        if pieces is None:
            return []
        chunks = _CHUNK.split(value)
        judged = set(chunks) - pieces.keys()
        for chunk in judged:
            pieces[chunk]  # judges it
        if pieces.marked.isdisjoint(chunks):
            return []
        starts = itertools.accumulate(map(len, chunks), initial=0)
        return [
            (start, "".join(_forms(chunk)[1]))
            for start, chunk in zip(starts, chunks, strict=False)
            if chunk in pieces.marked
        ]
