"""Did you mean: the spelling of a word that the catalogue hardly knows, in the catalogue's own words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from search import asking, facets, query
from search.engine.base import Index, Request
from search.fields import DOCUMENT, FIELDS, Kind
from search.filters import FIELD_NAMES, RecordFilter
from search.highlighting import words_of
from search.text import tokens

# Searches that find fewer are asked whether they meant something else.
FEW = 5
# A word in more records than this is meant as it stands; one in fewer is not if a near one has so many times more.
RARE = 4
TIMES = 25
MOST_WORDS = 12
CANDIDATES = 4

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*(?![:=])")


@dataclass(frozen=True)
class Spellings:
    """What was probably meant: the whole search, as a link in a list, or else its words, each with a link."""

    whole: list[dict[str, object]]
    words: list[dict[str, object]]


def did_you_mean(index: Index, data: QueryDict, boxes: Mapping[str, str], count: int) -> Spellings:
    """Return what was probably meant by a search that found few, where that finds more."""
    better = dict(_corrections(index, boxes)) if count < FEW else {}
    if not better:
        return Spellings([], [])
    whole = _link(index, data, _corrected(boxes, better))
    if whole["count"] > count:
        return Spellings([whole], [])
    if count:
        return Spellings([], [])
    return Spellings([], [_of_word(index, data, boxes, word, meant) for word, meant in better.items()])


def _of_word(index: Index, data: QueryDict, boxes: Mapping[str, str], word: str, meant: str) -> dict[str, object]:
    """Return the link for one word: to the search with it corrected if that finds something, else for it alone."""
    link = _link(index, data, _corrected(boxes, {word: meant}))
    if not link["count"]:
        link = _link(index, QueryDict(mutable=True), {"q": meant})
    return {**link, "word": word, "label": meant}


def _link(index: Index, data: QueryDict, boxes: Mapping[str, str]) -> dict[str, Any]:
    changed = asking.with_boxes(data, boxes)
    filterset = RecordFilter(changed)
    found = index.count(Request(filterset.tree, facets.read_filters(changed)))
    return {"label": asking.asked(filterset.boxes), "url": asking.results_url(changed), "count": found}


def _corrections(index: Index, boxes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each word that is probably misspelled, with what it was probably meant for."""
    for word in list(_words(boxes))[:MOST_WORDS]:
        frequency = _frequency(index, word)
        if frequency > RARE:
            continue
        near = [(_frequency(index, one), one) for one in index.spellings(word, CANDIDATES)]
        best = max(near, default=(0, ""), key=lambda one: one[0])
        if best[0] > frequency * TIMES:
            yield word, best[1]


def _frequency(index: Index, word: str) -> int:
    return index.count(Request(query.Word(word)))


def _words(boxes: Mapping[str, str]) -> dict[str, None]:
    found: dict[str, None] = {}
    for name, text in boxes.items():
        if name == "q" or FIELDS[name].kind is Kind.TEXT:
            tree = _parse(name, text)
            # Documents have words that no record has: theirs are not measured by what the records have.
            asked = words_of(query.In(name, tree) if name == DOCUMENT else tree).items()
            wanted = {token for field, words in asked if field != DOCUMENT for token in words.exact}
            found.update(dict.fromkeys(token for token in tokens(text) if token in wanted))
    return found


def _parse(name: str, text: str) -> query.Node:
    return query.parse(text, fields=FIELD_NAMES if name == "q" else frozenset()).tree


def _corrected(boxes: Mapping[str, str], better: Mapping[str, str]) -> dict[str, str]:
    """Return what stands in the boxes with better words; where there is one, as it is understood: "()foo" is foo."""
    changed = {name: _replaced(text, better) for name, text in boxes.items()}
    return {name: query.to_text(_parse(name, text)) if text != boxes[name] else text for name, text in changed.items()}


def _replaced(text: str, better: Mapping[str, str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        word = match[0]
        [key] = found if len(found := tokens(word)) == 1 else [""]
        if key not in better or word in ("AND", "OR", "NOT"):
            return word
        return better[key].capitalize() if word[0].isupper() else better[key]

    return _WORD.sub(replaced, text)
