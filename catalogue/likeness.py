"""How alike two titles are, and what a typo leaves of a title, so that near records can be looked up."""

import functools
import hashlib
import re
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from catalogue.draft import Draft
from catalogue.folding import fold_heading

# Of two titles as long, at most this share of their letters may differ.
MOST_DIFFERENT = 0.1
# A shorter title says too little for its beginning or its end to lead anywhere.
SHORTEST = 12
# Nor can a shorter one be taken for the beginning of another: "Introduction" is not "Introduction to law".
SHORTEST_BEGUN = 14

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Title:
    """A title for comparison: its letters and digits without case, accents and spaces, and the numbers in it."""

    letters: str
    numbers: tuple[str, ...]


@functools.lru_cache(maxsize=20_000)
def _title(text: str) -> Title:
    folded = fold_heading(text)
    return Title(_APART.sub("", folded), tuple(_NUMBER.findall(folded)))


def alike(one: str, other: str) -> bool:
    """Tell whether two titles differ by no more than a typo, or one goes on (a subtitle) where the other ends.

    The numbers in them must be the same: "Annual report 2011" is not "Annual report 2012", nor volume I volume II.
    """
    ours, theirs = _title(one), _title(other)
    if ours.letters == theirs.letters:
        return True
    if ours.numbers != theirs.numbers:
        return False
    shorter, longer = sorted((ours.letters, theirs.letters), key=len)
    if len(shorter) < SHORTEST:
        return False
    if longer.startswith(shorter) and len(shorter) >= SHORTEST_BEGUN:
        return True
    most = int(len(longer) * MOST_DIFFERENT)
    return Levenshtein.distance(shorter, longer, score_cutoff=most) <= most


def near_keys(draft: Draft) -> tuple[int | None, int | None]:
    """Return two numbers, of the beginning and the end of a title with its year: a typo spoils one of them only.

    They are kept with each record. (None, None) for a title that is too short.
    """
    return _near_keys(draft.title, draft.year)


@functools.lru_cache(maxsize=20_000)
def _near_keys(title: str, year: int | None) -> tuple[int | None, int | None]:
    letters = _APART.sub("", fold_heading(title))
    if len(letters) < SHORTEST:
        return None, None
    length = 20 if len(letters) >= 44 else 10 if len(letters) >= 22 else 6
    return _number(f"{letters[:length]} {year}"), _number(f"{year} {letters[-length:]}")


def start_keys(draft: Draft) -> list[int]:
    """Return what titles that begin like this one have as their first number, however long they go on."""
    letters = _title(draft.title).letters
    lengths = [length for length in (20, 10, 6) if len(letters) >= max(length, SHORTEST)]
    return [_number(f"{letters[:length]} {draft.year}") for length in lengths]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
