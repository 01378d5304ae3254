"""Two texts compared word by word: what went is marked in the earlier one, what came in the later one.

The pages of history show it (`history.Difference`). Marks are the elements del and ins: no mark by colour alone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from os.path import commonprefix

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from rapidfuzz.distance import Indel

SAME, CHANGED, CUT = "same", "changed", "cut"
# Texts are parted into words; those of too many words into sentences; beyond that they are not compared any more.
_PARTED = (re.compile(r"\w+|\s+|[^\w\s]"), re.compile(r"[^.\n]+[.\n]*|[.\n]+"))
_WORD = re.compile(r"\w")
MOST_COMPARED = 9_000_000
# Of what is the same, so many characters stand around each change; and so many of a change itself are shown.
AROUND = 80
LONGEST_CHANGE = 1_500


@dataclass(frozen=True)
class Part:
    """A piece of a text: the same in both, changed, or (CUT) a place where some of the same is left out."""

    kind: str
    text: str = ""


Parts = tuple[Part, ...]


def mark(before: str, after: str) -> tuple[Parts, Parts]:
    """Return the pieces of both texts. Words alone make no mark where one of the texts is empty."""
    if not before or not after:
        return _one(SAME, before), _one(SAME, after)
    start = _same_start(before, after)
    end = _same_start(before[start:][::-1], after[start:][::-1])
    middle = before[start : len(before) - end], after[start : len(after) - end]
    gone, come = _compared(*middle)
    around = Part(SAME, before[:start]), Part(SAME, before[len(before) - end :])
    return _joined([around[0], *gone, around[1]]), _joined([around[0], *come, around[1]])


def _one(kind: str, text: str) -> Parts:
    return (Part(kind, text),) if text else ()


def _same_start(one: str, other: str) -> int:
    """Return how long both texts are the same from their start, up to a blank: no word is divided."""
    same = len(commonprefix([one, other]))
    return same if same == len(one) == len(other) else one.rfind(" ", 0, same) + 1


def _compared(before: str, after: str) -> tuple[list[Part], list[Part]]:
    for pattern in _PARTED:
        old, new = pattern.findall(before), pattern.findall(after)
        if len(old) * len(new) <= MOST_COMPARED:
            return _marked(old, new)
    return [Part(CHANGED, before)], [Part(CHANGED, after)]


def _marked(old: list[str], new: list[str]) -> tuple[list[Part], list[Part]]:
    pairs: list[tuple[str, str, str]] = []
    for step in Indel.opcodes(old, new):
        earlier, later = "".join(old[step.src_start : step.src_end]), "".join(new[step.dest_start : step.dest_end])
        # A blank or a comma that two changes have in common is nothing to keep apart in them.
        kind = SAME if step.tag == "equal" and _WORD.search(earlier) else CHANGED
        if pairs and pairs[-1][0] == kind:
            _, before, after = pairs.pop()
            earlier, later = before + earlier, after + later
        pairs.append((kind, earlier, later))
    bare = [one for pair in pairs for one in _bare(*pair)]
    return [Part(kind, earlier) for kind, earlier, _ in bare], [Part(kind, later) for kind, _, later in bare]


def _bare(kind: str, earlier: str, later: str) -> Iterator[tuple[str, str, str]]:
    """Yield a change without the blanks and signs at its end that are the same in both."""
    ending = commonprefix([earlier[::-1], later[::-1]]) if kind == CHANGED else ""
    same = len(list(takewhile(lambda sign: not _WORD.match(sign), ending)))
    yield kind, earlier[: len(earlier) - same], later[: len(later) - same]
    yield SAME, earlier[len(earlier) - same :], later[len(later) - same :]


def _joined(parts: Iterable[Part]) -> Parts:
    """Return the pieces without empty ones, those of one kind that stand side by side as one."""
    found: list[Part] = []
    for part in parts:
        if not part.text:
            continue
        if found and found[-1].kind == part.kind:
            found[-1] = replace(part, text=found[-1].text + part.text)
        else:
            found.append(part)
    return tuple(found)


def shortened(parts: Parts) -> Parts:
    """Return the pieces with what is the same cut down to some words around each change."""
    if len(parts) == 1:
        return tuple(_beginning(parts[0]))
    found: list[Part] = []
    for place, part in enumerate(parts):
        if part.kind == CHANGED:
            found += _beginning(part)
        else:
            found += _around(part.text, place > 0, place < len(parts) - 1)
    return tuple(found)


def _beginning(part: Part) -> Iterator[Part]:
    if len(part.text) <= LONGEST_CHANGE + AROUND:
        yield part
    else:
        yield replace(part, text=part.text[:LONGEST_CHANGE])
        yield Part(CUT)


def _around(text: str, has_before: bool, has_after: bool) -> Iterator[Part]:
    """Yield the words next to the changes before and after a text that is the same in both."""
    head = text[:AROUND].rpartition(" ")[0] if has_before else ""
    tail = text[-AROUND:].partition(" ")[2] if has_after else ""
    if len(text) <= 3 * AROUND or len(head) + len(tail) >= len(text):
        yield Part(SAME, text)
        return
    yield from _one(SAME, head)
    yield Part(CUT)
    yield from _one(SAME, tail)


def draw(parts: Parts, element: str) -> SafeString:
    """Return the pieces as HTML, those that changed within the element: "del" or "ins"."""
    return format_html_join("", "{}", ((_drawn(part, element),) for part in parts))


def _drawn(part: Part, element: str) -> SafeString:
    if part.kind == CUT:
        return format_html(' <span class="cut" role="img" aria-label="{}">[…]</span> ', _("the same words left out"))
    text = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in part.text.split("\n")))
    if part.kind == SAME:
        return text
    return format_html("<{0}>{1}</{0}>", mark_safe(element), text)  # noqa: S308 - "del" or "ins", ours
