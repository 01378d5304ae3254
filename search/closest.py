"""The records that come closest, when few or none have all the words: ranked by what they do have.

The best of them teach further words: what stands often in them and rarely elsewhere is looked for too (relevance
feedback after Rocchio; the weights of Lavrenko and Croft's relevance models). See engine/weights.py for the numbers.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from heapq import nlargest
from math import log

from search import text
from search.engine import weights
from search.engine.base import Answer, Index, Request
from search.engine.stemming import stems

# Fewer exact results than this are followed by the closest.
FEW = 10
# So many of the closest are shown after the exact ones.
SHOWN = 10

# What tells the text of a record (title and summary) and its language, for a list of numbers.
Texts = Callable[[Sequence[int]], Sequence[tuple[str, str]]]


def search(index: Index, request: Request, texts: Texts) -> Answer:
    """Return the closest records to a request, best first, in two searches; its count means nothing to a reader."""
    first = index.search(replace(request, loose=True, facets={}, offset=0, limit=weights.FEEDBACK_HITS))
    if not first.hits:
        return first
    expansion = _expansion(index, request, first, texts)
    return index.search(replace(request, loose=True, facets={}, expansion=expansion))


def _expansion(index: Index, request: Request, first: Answer, texts: Texts) -> dict[str, float]:
    bags = [
        Counter(stems(text.tokens(found)[:400], language)) for found, language in texts([h.number for h in first.hits])
    ]
    frequencies = index.frequencies({stem for bag in bags for stem in bag if len(stem) > 2})
    size = max(index.size, 1)
    total = sum(hit.score for hit in first.hits) or 1.0
    worth: defaultdict[str, float] = defaultdict(float)
    for hit, bag in zip(first.hits, bags, strict=False):
        padded = bag.total() + weights.FEEDBACK_PADDING
        for stem, times in bag.items():
            frequency = frequencies.get(stem, 0)
            if 2 <= frequency <= size * weights.FEEDBACK_COMMON_SHARE:
                worth[stem] += hit.score / total * times / padded * log(size / frequency)
    best = nlargest(weights.FEEDBACK_WORDS, worth.items(), key=lambda item: item[1])
    length = sum(bag.total() for bag in bags) / max(len(bags), 1)
    share = weights.FEEDBACK_SHARE * min(1.0, length / weights.FEEDBACK_FULL_LENGTH)
    scale = share / (1 - share) * index.query_weight(request) / (sum(value for _, value in best) or 1.0)
    return {stem: value * scale for stem, value in best}


def with_closest(index: Index, request: Request, texts: Texts, most: int) -> list[int]:
    """Return the numbers of the records found and, when they are few, of the closest after them; `most` in all."""
    exact = index.search(request).numbers
    if len(exact) >= min(FEW, most):
        return exact
    wanted = replace(request, leave_out=frozenset(exact), offset=0, limit=most - len(exact))
    return [*exact, *search(index, wanted, texts).numbers]
