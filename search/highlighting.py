"""Marks the words that were looked for. Every piece of text is escaped on its own, marked or not."""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search import query, text
from search.engine.stemming import DEFAULT, stems
from search.truncation import pattern_of

# What holds the parts of one word of a text together: "co-operation", "U.K.", "don't".
_JOINERS = "'’.‐‑‒–—―-"


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
            case query.HistoryLine(number):
                words.add([str(number)])
            case query.Phrase(tokens):
                words.add(tokens, stemmed=False)
            case query.Heading(_field, heading):
                words.add(text.tokens(heading), stemmed=False)
            case query.Truncated(pattern):
                words.patterns.append(pattern_of(pattern))
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


class _Finder(dict[str, str]):
    """Finds the words of one field that were looked for. Keeps the stem of each word of a text; "" if it is none.

    Folding and stemming leave an ASCII letter at the beginning of a word what it is. So only words that begin (or go
    on, after a hyphen) with an initial of what was looked for are judged, and those with other letters than ASCII.
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        patterns = (pattern.pattern for pattern in words.patterns)
        initials = {word[0] for word in (*words.exact, *words.stems, *patterns) if word and word[0].isascii()}
        wanted = initials | set(map(str.upper, initials))
        others = re.escape("".join(letter for letter in map(chr, range(128)) if letter not in wanted))
        # The initial stands first: that is what makes the search skip to it. Of ASCII what it is not is named, since
        # a class of the million other characters takes a millisecond to compile.
        self.candidate = re.compile(
            rf"[^{others}](?<=[^\W_])(?:(?<=[^\x00-\x7f])|(?<![^\W_].))[^\W_]*(?:[{_JOINERS}][^\W_]+)*",
            re.DOTALL,
        )

    def __missing__(self, word: str) -> str:
        stem = self[word] = "".join(_forms(word)[1]) if self.words.hold(word) else ""
        return stem

    def spans(self, value: str) -> list[tuple[int, int, str]]:
        """Return where each word that was looked for begins and ends in a text, and its stem."""
        found = []
        for match in self.candidate.finditer(value):
            start, end = match.span()
            while start and _goes_on(value, start):
                start -= 1
            if stem := self[value[start:end]]:
                found.append((start, end, stem))
        return found


def _goes_on(value: str, place: int) -> bool:
    """Tell whether the letter at a place belongs to a word that began before it."""
    before = value[place - 1]
    return before.isalnum() or (before in _JOINERS and place > 1 and value[place - 2].isalnum())


@dataclass(frozen=True)
class Marked:
    """A text, and where in it the words stand that were looked for: where each begins and ends, and its stem."""

    value: str
    spans: list[tuple[int, int, str]]

    @property
    def hits(self) -> list[tuple[int, str]]:
        """Where each marked word begins, and its stem."""
        return [(start, stem) for start, _end, stem in self.spans]

    def html(self, first: int, last: int) -> str:
        """Return a part of the text, which cuts through no word, as HTML."""
        pieces = []
        for start, end, _stem in self.spans:
            if first <= start and end <= last:
                pieces.append(f"{escape(self.value[first:start])}<mark>{escape(self.value[start:end])}</mark>")
                first = end
        return "".join(pieces) + escape(self.value[first:last])


class Marker:
    """Marks texts of one page of results."""

    def __init__(self, words: dict[str, Words]) -> None:
        anywhere = words.get("")
        joined = {name: own | anywhere if anywhere and name else own for name, own in words.items()}
        self._finders = {name: _Finder(own) for name, own in joined.items()}
        self._anywhere = self._finders.get("")

    def mark(self, value: str, name: str) -> SafeString:
        """Return the text of a field as HTML, the words that were looked for in <mark>."""
        return mark_safe(self.html(value, name))  # noqa: S308 - every piece is escaped

    def html(self, value: str, name: str) -> str:
        """Return what `mark` returns, to be put together with other HTML."""
        return self.marked(value, name).html(0, len(value))

    def marked(self, value: str, name: str) -> "Marked":
        """Return the text of a field with where its words are marked, for one that is drawn in parts."""
        return Marked(value, self._spans(value, name))

    def _spans(self, value: str, name: str) -> list[tuple[int, int, str]]:
        finder = self._finders.get(name, self._anywhere)
        return finder.spans(value) if finder is not None else []
