"""The words of the index themselves: what a truncation opens, how a word goes on, what it may have been meant for."""

import itertools
import re

import tantivy

from search import text
from search.engine.base import Completion
from search.engine.schema import ANY, AUTHORITIES, SHOWN_AS, whole
from search.truncation import pattern_of

# A truncated word is searched for its most frequent words; more would take longer than a reader waits.
MOST_OPENED = 500
# All words that a search opens stand together in so many records, each record counted for each word.
MOST_POSTINGS = 20_000_000
# So many words are looked through for one pattern, and for completions.
MOST_READ = 20_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def opened(searcher: tantivy.Searcher, field: str, pattern: str, postings: int) -> tuple[list[str], int]:
    """Return the words of a field that a truncated word stands for, the most frequent first, and how many there are.

    At most MOST_OPENED are returned, which together have no more than so many `postings`, but one at least; the number
    is exact up to MOST_READ.
    """
    prefix = re.match(r"[^*?]*", pattern)
    start = prefix[0] if prefix else ""
    found = searcher.terms_with_prefix(field, start, limit=MOST_READ)
    if pattern != start + "*":
        wanted = pattern_of(pattern)
        found = [(word, count) for word, count in found if wanted.fullmatch(word)]
    read = itertools.accumulate(count for _, count in found)
    affordable = sum(1 for total in itertools.islice(read, MOST_OPENED) if total <= postings)
    return [word for word, _ in found[: max(affordable, 1)]], len(found)


def complete(searcher: tantivy.Searcher, field: str, typed: str, most: int) -> list[Completion]:
    """Return how what was typed may go on, most used first (see Index.complete)."""
    start = whole(typed)
    if not start:
        return []
    if field in AUTHORITIES:
        found: dict[str, int] = {}
        for term, count in searcher.terms_with_prefix(f"{field}_completion", start, limit=most * 8):
            found.setdefault(term.partition(SHOWN_AS)[2], count)
        return [Completion(heading, count) for heading, count in found.items()][:most]
    before, _, last = start.rpartition(" ")
    words = searcher.terms_with_prefix(field, last, limit=most + 1)
    return [Completion(f"{before} {word}".strip(), count) for word, count in words if word != last][:most]


def spellings(searcher: tantivy.Searcher, word: str, most: int) -> list[str]:
    """Return likely spellings (see Index.spellings): one letter off, then, for longer words, two."""
    if len(word) < 3 or any(map(text.is_unspaced, word)) or any(character.isdigit() for character in word):
        return []
    near = {candidate: searcher.doc_freq(ANY, candidate) for candidate in _one_off(word)}
    known = {candidate: count for candidate, count in near.items() if count}
    if not known and len(word) > 5:
        pool = searcher.terms_with_prefix(ANY, word[:2], limit=MOST_READ)
        known = {candidate: count for candidate, count in pool if _distance(word, candidate, 2) <= 2}
    return sorted(known, key=lambda candidate: (-known[candidate], candidate))[:most]


def _one_off(word: str) -> set[str]:
    """Return every word at one insertion, deletion, replacement or exchange of neighbours from this one."""
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    made = {left + right[1:] for left, right in parts if right}
    made |= {left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1}
    made |= {left + letter + right[1:] for left, right in parts if right for letter in _LETTERS}
    made |= {left + letter + right for left, right in parts for letter in _LETTERS}
    return made - {word, ""}


def _distance(one: str, other: str, most: int) -> int:
    """Return the Levenshtein distance of two words, or `most + 1` where it is greater."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, row[0] = row[0], place
        for column, other_letter in enumerate(other, start=1):
            before, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, before + (letter != other_letter)),
            )
        if min(row) > most:
            return most + 1
    return row[-1]
