"""How much of one document is read, and how what was read ends. The process that reads and the one that waits share it.

No Django is known here.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

MOST_PAGES = 2_000
MOST_CHARACTERS = 5_000_000
# No printed page is as long; what a page says beyond this is not read.
LONGEST_PAGE = 100_000
# Formats without pages are cut between paragraphs into parts of about this length, and never longer than the second.
PART, LONGEST_PART = 3_000, 20_000
SECONDS = 60
MEMORY = 1_000_000_000
# Nothing that is read within these bounds is written as more bytes than this.
MOST_WRITTEN = 64_000_000

# A word that was divided at the end of a line: programs write a hyphen, PDFium U+0002 or U+FFFE for one.
_DIVIDED = re.compile("(?<=[^\\W\\d_])(?:[\u00ad\u0002\ufffe]|[-\u2010](?=[\r\n]))[ \t]*\r?\n?[ \t]*(?=[^\\W\\d_A-Z])")
_UNKEPT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\ufeff\u00ad]")
_SPACES = re.compile("[ \t\xa0]+")
_LINES = re.compile(" ?\n[ \n]*")


class End(StrEnum):
    """How the reading of a document ended. Of those below the line, what came before the end is kept."""

    READ = "read"
    PROTECTED = "protected"
    MISSING = "missing"
    # ---
    DAMAGED = "damaged"
    SLOW = "slow"
    HUGE = "huge"
    LONG = "long"


class Stopped(Exception):
    """Reading goes no further, for a reason that is one of the ends."""

    def __init__(self, end: End) -> None:
        super().__init__(end)
        self.end = end


def cleaned(text: str) -> str:
    """Return the text as it is kept: divided words joined, no control characters, no white space twice."""
    text = _DIVIDED.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _SPACES.sub(" ", _UNKEPT.sub(" ", text))
    return _LINES.sub("\n", text).strip()


def bounded(pages: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the pages that have text, with their numbers from 1 on. Raises Stopped(LONG) where there are too many."""
    left = MOST_CHARACTERS
    for number, page in enumerate(pages, start=1):
        if number > MOST_PAGES:
            raise Stopped(End.LONG)
        text = cleaned(page[: 2 * LONGEST_PAGE])[: min(LONGEST_PAGE, left)]
        left -= len(text)
        if text:
            yield number, text
        if left <= 0:
            raise Stopped(End.LONG)


def parts(paragraphs: Iterable[str]) -> Iterator[str]:
    """Yield paragraphs joined to parts: what stands for pages in a format that has none."""
    kept: list[str] = []
    length = 0
    for paragraph in paragraphs:
        for piece in _pieces(paragraph):
            kept.append(piece)
            length += len(piece)
            if length >= PART:
                yield "\n".join(kept)
                kept, length = [], 0
    yield "\n".join(kept)


def _pieces(paragraph: str) -> Iterator[str]:
    """Yield a paragraph, one that is longer than any that people write in pieces that end with a word."""
    while len(paragraph) > LONGEST_PART:
        cut = paragraph.rfind(" ", 0, LONGEST_PART)
        cut = cut if cut > 0 else LONGEST_PART
        yield paragraph[:cut]
        paragraph = paragraph[cut:]
    if paragraph.strip():
        yield paragraph
