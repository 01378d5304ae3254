"""The best passage of a text: the stretch of it that holds most of the different words that were looked for."""

import re
from collections import Counter
from dataclasses import dataclass

LONGEST = 60
# A passage that would end so many words after a sentence ends with it.
NEAR = 12

_SENTENCE_END = re.compile(r"[.!?…。？！]['\"”’)\]]*$")
_LAST_OF_SENTENCES = ".!?…。？！'\"”’)]"


@dataclass(frozen=True)
class Passage:
    """Where in its text a passage begins and ends."""

    first: int
    last: int


def best(text: str, hits: list[tuple[int, str]]) -> Passage:
    """Return the best passage of a text whose words stand one space apart.

    `hits` are the places of the words that were looked for, each with its stem.
    """
    words = text.split(" ")
    if len(words) <= LONGEST:
        return Passage(0, len(text))
    if not hits:
        return _cut(words, 0, 0)
    begins, ends = _best_stretch(_placed(text, hits))
    return _cut(words, _first(words, begins, ends), ends)


def _first(words: list[str], begins: int, ends: int) -> int:
    """Return where a passage with these hits begins: with their sentence, or else with the hits in its middle."""
    latest = min(begins, len(words) - LONGEST // 2)
    for place in range(latest, max(0, ends - LONGEST + 1) - 1, -1):
        if not place or _ends(words[place - 1]):
            return place
    before = (LONGEST - (ends - begins + 1)) // 2
    return max(0, min(begins - before, len(words) - LONGEST))


def _best_stretch(placed: list[tuple[int, str]]) -> tuple[int, int]:
    """Return the words between which stand the most different hits, then the most hits; the earliest of equals."""
    best, best_worth = (0, 0), (0, 0)
    window: Counter[str] = Counter()
    left = 0
    for right, (place, what) in enumerate(placed):
        window[what] += 1
        while placed[left][0] <= place - LONGEST:
            window[placed[left][1]] -= 1
            left += 1
        if (worth := (sum(map(bool, window.values())), right - left + 1)) > best_worth:
            best_worth, best = worth, (placed[left][0], place)
    return best


def _placed(text: str, hits: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return hits with the number of their word in place of their position in the text."""
    placed = []
    number = last = 0
    for position, what in hits:
        number += text.count(" ", last, position)
        last = position
        placed.append((number, what))
    return placed


def _cut(words: list[str], first: int, last_hit: int) -> Passage:
    """Return the passage of LONGEST words from a word on, or a few less to end with a sentence, never before a hit."""
    last = min(first + LONGEST, len(words))
    if last < len(words):
        ends = range(last, max(last - NEAR, last_hit), -1)
        last = next((place for place in ends if _ends(words[place - 1])), last)
    begins = len(" ".join(words[:first])) + 1 if first else 0
    return Passage(begins, begins + len(" ".join(words[first:last])))


def _ends(word: str) -> bool:
    return word[-1:] in _LAST_OF_SENTENCES and _SENTENCE_END.search(word) is not None
