"""Authors that are written straight, "Suzanne Collins", turned round where somebody says that a file has them so
(ReadOptions.names). The readers of tables, labelled text and Dublin Core call it.
"""

import re
from functools import lru_cache

from catalogue import codes
from catalogue.draft import Name
from catalogue.folding import fold_heading
from catalogue.formats.base import STRAIGHT
from catalogue.formats.names import BODY_WORDS, guess_name, single_spaced, split_names

_MARK = re.compile(r"\[(?:person|body)\]$")
_SUFFIX = re.compile(r"(?:jr|sr|junior|senior|ii|iii|iv)\.?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*,\s*(?:(?:and|&)\s+)?|\s+(?:and|&)\s+")
# Words that stand in the names of bodies, and of no person.
_IN_BODIES_TEXT = (
    "the of for and in on to at für der die das zur und des pour et para world national international united royal "
    "european federal"
)
_IN_BODIES = frozenset(_IN_BODIES_TEXT.split())
_MOST_WORDS = 6


def read_authors(text: str, separator: str, names: str) -> tuple[Name, ...]:
    """Return the authors of one string; `names` says how people are written there."""
    if names != STRAIGHT:
        return tuple(_guessed(name) for name in split_names(text, separator))
    return tuple(_turned(name) for name in _split(text, separator))


def straight_name(text: str) -> Name:
    """Return the author that a straight name names: "Ludwig van Beethoven" is "van Beethoven, Ludwig".

    A body, a lone word, and a name that is inverted already are left as they are.
    """
    name = guess_name(text)
    words = _without_comma(name.heading).split()
    if _MARK.search(text) or "," in " ".join(words) or len(words) < 2:
        return name
    if not name.orcid and not _is_person(words):
        return Name(name.heading, codes.BODY)
    suffix = [words.pop()] if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else []
    start = next((at for at, word in enumerate(words[:-1]) if at and word[0].islower()), len(words) - 1)
    first, last = " ".join(words[:start]), " ".join(words[start:])
    return Name(", ".join((last, first, *suffix)), codes.PERSON, name.orcid)


# The same few authors write much of what a library has.
_guessed = lru_cache(maxsize=10_000)(guess_name)
_turned = lru_cache(maxsize=10_000)(straight_name)


def _without_comma(heading: str) -> str:
    """Return "Martin Luther King, Jr." without its comma."""
    before, comma, after = heading.rpartition(",")
    return f"{before} {after}" if comma and _SUFFIX.fullmatch(after.strip()) and "," not in before else heading


def _is_person(words: list[str]) -> bool:
    folded = {fold_heading(word).strip(".,") for word in words}
    return (
        len(words) <= _MOST_WORDS
        and folded.isdisjoint(BODY_WORDS)
        and _IN_BODIES.isdisjoint(word.lower() for word in words)
        and not any(character.isdigit() for word in words for character in word)
    )


def _split(text: str, separator: str) -> list[str]:
    """Return the names of one string; where nothing else divides it, commas and "and" between straight names do."""
    if (separator and separator in text) or "|" in text:
        return split_names(text, separator)
    text, parts = single_spaced(text), list[str]()
    for part in filter(None, _BETWEEN.split(text)):
        if parts and _SUFFIX.fullmatch(part):
            parts[-1] = f"{parts[-1]}, {part}"
        else:
            parts.append(part)
    # Of two, "Collins, Suzanne" is one name; of three, one may well be "Homer".
    fewest = 1 if len(parts) > 2 else 2
    if all(len(part.split()) >= fewest and _is_person(part.split()) for part in parts):
        return parts
    return [text] if text else []
