"""Did you mean: the spelling of a word that the catalogue hardly knows, in the catalogue's own words."""

import re
from collections.abc import Iterator, Mapping

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


def did_you_mean(index: Index, data: QueryDict, boxes: Mapping[str, str], count: int) -> list[dict[str, object]]:
    """Return a link to the search as it was probably meant, which finds more, in a list; an empty one for none."""
    if count >= FEW:
        return []
    better = dict(_corrections(index, boxes))
    if not better:
        return []
    changed = asking.with_boxes(data, {name: _corrected(text, better) for name, text in boxes.items()})
    filterset = RecordFilter(changed)
    found = index.count(Request(filterset.tree, facets.read_filters(changed)))
    if found <= count:
        return []
    return [{"label": asking.asked(filterset.boxes), "url": asking.results_url(changed), "count": found}]


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
            parsed = query.parse(text, fields=FIELD_NAMES if name == "q" else frozenset())
            # Documents have words that no record has: theirs are not measured by what the records have.
            asked = words_of(query.In(name, parsed.tree) if name == DOCUMENT else parsed.tree).items()
            wanted = {token for field, words in asked if field != DOCUMENT for token in words.exact}
            found.update(dict.fromkeys(token for token in tokens(text) if token in wanted))
    return found


def _corrected(text: str, better: Mapping[str, str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        word = match[0]
        [key] = found if len(found := tokens(word)) == 1 else [""]
        if key not in better or word in ("AND", "OR", "NOT"):
            return word
        return better[key].capitalize() if word[0].isupper() else better[key]

    return _WORD.sub(replaced, text)
