"""What differs between two texts, marked word by word, for the preview of a batch edit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# Texts that differ in more words than this are marked as a whole: to compare words takes the square of their number.
MOST_WORDS = 600
# As many characters of what is the same are shown before and after a difference.
CONTEXT = 80

_PIECES = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    text: str
    is_changed: bool = False


def marked(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces, those that differ marked, and long stretches that are the same shortened."""
    ours, theirs = _PIECES.findall(before), _PIECES.findall(after)
    start = _same(ours, theirs)
    end = _same(ours[start:][::-1], theirs[start:][::-1])
    middle = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    head, tail = ours[:start], ours[len(ours) - end :]
    left, right = [(head, False)], [(head, False)]
    for is_same, mine, other in _compared(*middle):
        left.append((mine, not is_same))
        right.append((other, not is_same))
    return list(_pieces([*left, (tail, False)])), list(_pieces([*right, (tail, False)]))


def _same(ours: list[str], theirs: list[str]) -> int:
    """Return how many words two lists begin with alike."""
    count = 0
    for mine, other in zip(ours, theirs, strict=False):
        if mine != other:
            break
        count += 1
    return count


def _compared(ours: list[str], theirs: list[str]) -> Iterator[tuple[bool, list[str], list[str]]]:
    if max(len(ours), len(theirs)) > MOST_WORDS:
        yield False, ours, theirs
        return
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        yield tag == "equal", ours[a:b], theirs[c:d]


def _pieces(parts: list[tuple[list[str], bool]]) -> Iterator[Piece]:
    """Join the words of each part; the same ones at the beginning, at the end and between are shortened."""
    parts = [(words, is_changed) for words, is_changed in parts if words]
    for place, (words, is_changed) in enumerate(parts):
        text = "".join(words)
        if is_changed or len(text) <= 2 * CONTEXT:
            yield Piece(text, is_changed)
        elif place == 0 and len(parts) > 1:
            yield Piece(f"…{text[-CONTEXT:]}")
        elif place == len(parts) - 1:
            yield Piece(f"{text[:CONTEXT]}…")
        else:
            yield Piece(f"{text[:CONTEXT]} … {text[-CONTEXT:]}")
