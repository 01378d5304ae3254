"""The imprint of a record: publisher, place and extent, read out of its details where they surely say so.

"Sheffield, UK: Sheffield Hallam University, 2012. 26p." does; what follows no such pattern is left alone, because a
wrong publisher in somebody's list of references is worse than none.
"""

import re
from dataclasses import dataclass

_END = re.compile(
    r",\s*(?:c|©|\[)?\d{4}\]?(?:\s?[/–-]\s?\d{2,4})?\.?"
    r"(?:\s+(?P<extent>(?:\[?[ivxlc]{1,9}\]?, )?\d[\d,]{0,6}\s?(?:pp?|pages|pgs|s|v|volumes?|leaves)\b)"
    r"(?:\.?\s*(?:[:;,(+]|\d+ cm|ill).*)?\.?)?\s*$",  # as catalogues describe it: "xii, 26 p. : ill. ; 30 cm"
    re.IGNORECASE,
)
# What parts the areas of a description: series and notes follow it.
_DASH = " — "
# A word and a full stop end a sentence; an initial ("U.S. Department") does not.
_SENTENCE = re.compile(r"[^\W\d_]{3,}\.\s|[;?!]")
_PLACE_WORD = re.compile(r"[^\W\d_]+(?:[.'’-]+[^\W\d_]+)*\.?")
_SMALL = "of the and upon on de la las los del di da am an der den sur le"
# Words before a colon that are no place, however they are written.
_OTHER = (
    "report reports final interim annual working paper papers policy research series study studies briefing thesis "
    "discussion issue volume vol number no technical evaluation project program programme chapter part source "
    "publisher bulletin summary note notes in from by isbn issn"
)
_SMALL_WORDS, _NO_PLACE = frozenset(_SMALL.split()), frozenset(_OTHER.split())
_LONGEST, _LONGEST_PLACE, _LONGEST_PUBLISHER = 500, 60, 250


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the details say; empty where they do not, or not surely."""

    place: str = ""
    publisher: str = ""
    extent: str = ""


def read_imprint(details: str) -> Imprint:
    """Return the imprint in "Place: Publisher, Year. 26p."; the place and the extent may be missing."""
    area = details.partition(_DASH)[0]
    match = _END.search(area) if len(area) <= _LONGEST else None
    if match is None:
        return Imprint()
    before = area[: match.start()].strip()
    place, colon, publisher = before.partition(": ")
    if not colon:
        place, publisher = "", before
    elif not _is_place(place):
        return Imprint()
    return Imprint(place, publisher, match["extent"] or "") if _is_publisher(publisher) else Imprint()


def _is_place(text: str) -> bool:
    words = re.sub("[,;]", " ", text).split()
    return (
        0 < len(words) <= 6
        and len(text) <= _LONGEST_PLACE
        and words[0][0].isupper()
        and all(_PLACE_WORD.fullmatch(word) for word in words)
        and all(word[0].isupper() or word in _SMALL_WORDS for word in words)
        and _NO_PLACE.isdisjoint(word.lower().rstrip(".") for word in words)
    )


def _is_publisher(text: str) -> bool:
    return (
        0 < len(text) <= _LONGEST_PUBLISHER
        and text[0].isalnum()
        and any(character.isalpha() for character in text)
        and ":" not in text
        and not _SENTENCE.search(text)
    )
