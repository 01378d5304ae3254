"""The next free shelf number, by the library's own pattern or by that of the numbers that were given last.

The pattern is the setting SHELF_NUMBER_PATTERN, like "R-{number:06}": a text with the place of the running number.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from django.conf import settings

from catalogue.draft import LIMITS
from catalogue.models import Record

# The numbers given last are enough to learn from, and hold the highest.
MOST_LEARNT = 500
FEWEST_ALIKE = 3
# So many numbers beyond the highest are looked at for a free one.
MOST_TRIED = 200
# A longer running number is no number that people count on.
MOST_DIGITS = 15

_LAST_DIGITS = re.compile(rf"(.*?)(\d{{1,{MOST_DIGITS}}})(\D*)", re.DOTALL)


def next_free() -> str:
    """Return a shelf number that no record has, or "" where there is no pattern to go by."""
    # Said of both queries, because the index of shelf numbers leaves the empty ones out.
    numbers = Record.objects.exclude(shelf_number="").values_list("shelf_number", flat=True)
    given = list(numbers.order_by("-pk")[:MOST_LEARNT])
    pattern = settings.SHELF_NUMBER_PATTERN or learnt(given)
    if not pattern:
        return ""
    highest = max(running_numbers(pattern, given), default=0)
    offered = [pattern.format(number=highest + step) for step in range(1, MOST_TRIED + 1)]
    taken = set(numbers.filter(shelf_number__in=offered).order_by())
    return next((one for one in offered if one not in taken and len(one) <= LIMITS["shelf_number"]), "")


def running_numbers(pattern: str, shelf_numbers: Iterable[str]) -> Iterator[int]:
    """Yield the running number of each shelf number that follows the pattern."""
    before, _number, after = re.split(r"(\{number[^}]*\})", pattern)
    form = re.compile(f"{re.escape(_plain(before))}([0-9]{{1,{MOST_DIGITS}}}){re.escape(_plain(after))}")
    for text in shelf_numbers:
        match = form.fullmatch(text)
        if match and pattern.format(number=int(match[1])) == text:
            yield int(match[1])


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def learnt(shelf_numbers: Iterable[str]) -> str:
    """Return the pattern that most of these follow, or "" where too few are alike."""
    patterns = Counter(filter(None, map(_pattern_of, shelf_numbers)))
    if not patterns:
        return ""
    pattern, times = patterns.most_common(1)[0]
    return pattern if times >= FEWEST_ALIKE else ""


def _pattern_of(text: str) -> str:
    match = _LAST_DIGITS.fullmatch(text)
    if not match:
        return ""
    before, digits, after = match.groups()
    width = f":0{len(digits)}" if digits.startswith("0") else ""
    before, after = (part.replace("{", "{{").replace("}", "}}") for part in (before, after))
    return f"{before}{{number{width}}}{after}"
