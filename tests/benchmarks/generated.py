"""Generated records: Zipf-distributed words, 150-word summaries, 6,000 keywords, 120 countries; the same for a seed."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

VOCABULARY = 50_000
SENTENCES = 40_000
SENTENCE_WORDS = 15
KEYWORDS = 6_000
COUNTRIES = 120
AUTHORS = 30_000
# Each word of the benchmark's queries, and in how many of a thousand records it stands.
RARE, COMMON, UNIVERSAL = "xylotomy", "probation", "research"
COMMON_SHARE, UNIVERSAL_SHARE = 0.05, 0.9
RARE_RECORDS = 20

_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pra", "re", "sto", "ti", "vel", "wa")


@dataclass(frozen=True)
class Generated:
    """One record as plain values; keywords, country and authors are numbers from 0."""

    title: str
    summary: str
    year: int
    country: int
    keywords: tuple[int, ...]
    authors: tuple[int, ...]


def word(number: int) -> str:
    """Return the word of a rank: pronounceable, distinct, longer for rarer ones."""
    syllables = []
    while True:
        number, rest = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[rest])
        if number == 0:
            return "".join(syllables)
        number -= 1


class Zipf:
    """Draws ranks from 0 with a probability of one over (rank + 1)."""

    def __init__(self, size: int, generator: random.Random) -> None:
        self.cumulative = list(itertools.accumulate(1 / (rank + 1) for rank in range(size)))
        self.population = range(size)
        self.generator = generator

    def draw(self, count: int) -> list[int]:
        return self.generator.choices(self.population, cum_weights=self.cumulative, k=count)


def records(count: int, seed: int = 1) -> Iterator[Generated]:
    """Yield `count` records. Summaries are put together from a pool of sentences, and five words of their own."""
    generator = random.Random(seed)
    words = Zipf(VOCABULARY, generator)
    pool = [" ".join(map(word, words.draw(SENTENCE_WORDS))) for _ in range(SENTENCES)]
    keywords, countries, authors = (Zipf(size, generator) for size in (KEYWORDS, COUNTRIES, AUTHORS))
    rare_every = max(count // RARE_RECORDS, 1)
    for number in range(count):
        sentences = generator.choices(pool, k=9)
        own = list(map(word, words.draw(10)))
        if number % rare_every == 0:
            own.append(RARE)
        if generator.random() < COMMON_SHARE:
            own.append(COMMON)
        if generator.random() < UNIVERSAL_SHARE:
            own.append(UNIVERSAL)
        yield Generated(
            title=" ".join(own[:5]).capitalize(),
            summary=f"{'. '.join(sentences)}. {' '.join(own[5:])}.",
            year=1950 + int(74 * generator.random() ** 0.5),
            country=countries.draw(1)[0],
            keywords=tuple(dict.fromkeys(keywords.draw(3))),
            authors=tuple(dict.fromkeys(authors.draw(2))),
        )


def keyword_heading(number: int) -> str:
    return f"{word(number * 7 + 3).capitalize()} {word(number)}"


def author_heading(number: int) -> str:
    return f"{word(number).capitalize()}, {word(number // 3 + 11).capitalize()} {number}"


def country_heading(number: int) -> str:
    return f"{word(number + 500).capitalize()}land {number}"
