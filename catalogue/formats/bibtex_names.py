"""The names in a BibTeX field, as its programs understand them: "Ludwig van Beethoven", "van Beethoven, Ludwig",
"King, Jr., Martin", "{World Bank}", "family=Vela, given=Luis". `bibtex_drafts` calls it.

A name in natural order is turned round, since the format says exactly which part is which. A name as a whole in braces
is a body.
"""

import re

from catalogue import codes
from catalogue.draft import Name, clean_line
from catalogue.folding import fold_heading
from catalogue.formats.latex import plain
from catalogue.formats.names import BODY_WORDS, guess_name
from catalogue.formats.references import TOO_MANY

_AND = re.compile(r"[{}]|(?<!\S)and(?!\S)", re.IGNORECASE)
_COMMA = re.compile(r"[{},]")
_SPACE = re.compile(r"[{}]|[\s~]+")
_SEMICOLON = re.compile(r"[{};]")
_PART = re.compile(r"\s*([A-Za-z]+)(?:-i)?\s*=\s*(.*)", re.DOTALL)
_PARTS = frozenset(("family", "given", "prefix", "suffix", "middle"))
_LETTER = re.compile(r"[^\W\d_]")


def split(text: str, marks: re.Pattern[str]) -> list[str]:
    """Return the parts of a text between those marks that stand outside of all braces."""
    if "{" not in text and "}" not in text:
        return [part for piece in marks.split(text) if (part := piece.strip())]
    parts, depth, start = [], 0, 0
    for match in marks.finditer(text):
        if match.group() == "{":
            depth += 1
        elif match.group() == "}":
            depth = max(depth - 1, 0)
        elif depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    return [part for piece in (*parts, text[start:]) if (part := piece.strip())]


def listed(text: str) -> list[str]:
    """Return what a field like "keywords" lists: divided at semicolons, or else at commas."""
    parts = split(text, _SEMICOLON)
    return [plain(part) for part in (parts if len(parts) > 1 else split(text, _COMMA))]


def pairs(text: str) -> list[str]:
    """Return the parts of a text between semicolons."""
    return [plain(part) for part in split(text, _SEMICOLON)]


def several(text: str) -> list[str]:
    """Return the parts of a text between "and", which divides lists of places and publishers too."""
    return [plain(part) for part in split(text, _AND)]


def read_names(text: str) -> list[Name]:
    """Return the names of an "author" or "editor"; "others" stands for those that are not named."""
    return [name for part in split(text, _AND)[:TOO_MANY] if (name := _name(part)).heading]


def _name(text: str) -> Name:
    if is_whole(text):
        heading = clean_line(plain(text[1:-1]))
        return Name(heading, codes.BODY)
    parts = split(text, _COMMA)
    if all(map(_PART.fullmatch, parts)):
        return _of_parts(parts)
    if len(parts) == 1:
        return _in_natural_order(parts[0])
    last, *rest = [clean_line(plain(part)) for part in parts]
    if len(rest) == 2:  # von Last, Jr, First
        rest.reverse()
    name = guess_name(", ".join([last, *rest]))
    return Name(name.heading, codes.PERSON, name.orcid)


def is_whole(text: str) -> bool:
    """Tell whether one pair of braces holds all of a text."""
    if not (text.startswith("{") and text.endswith("}")) or text.startswith("{\\"):
        return False
    depth = 0
    for match in re.finditer("[{}]", text):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end() == len(text)
    return False


def _of_parts(parts: list[str]) -> Name:
    """Return a name whose parts are named: the extended form of BibLaTeX."""
    found = {}
    for match in map(_PART.fullmatch, parts):
        if match:
            found[match.group(1).lower()] = clean_line(plain(match.group(2).strip('"')))
    last = " ".join(filter(None, (found.get("prefix"), found.get("family"))))
    first = " ".join(filter(None, (found.get("given"), found.get("middle"))))
    return Name(", ".join(filter(None, (last, first, found.get("suffix")))))


def _in_natural_order(text: str) -> Name:
    """Return "First von Last" as "von Last, First"; where no word is small, the last word is the name."""
    words = split(text, _SPACE)
    whole = clean_line(plain(text))
    if len(words) < 2 or whole.lower() == "others":
        return Name(whole)
    if not BODY_WORDS.isdisjoint(fold_heading(word) for word in words):
        return Name(whole, codes.BODY)
    start = next((at for at, word in enumerate(words[:-1]) if at and _is_small(word)), len(words) - 1)
    first, last = (clean_line(plain(" ".join(part))) for part in (words[:start], words[start:]))
    return Name(f"{last}, {first}")


def _is_small(word: str) -> bool:
    """Tell a particle ("van", "de la", "{\\'e}") by its first letter; what stands in braces has none."""
    if word.startswith("{") and not word.startswith("{\\"):
        return False
    match = _LETTER.search(plain(word))
    return bool(match and match.group().islower())
