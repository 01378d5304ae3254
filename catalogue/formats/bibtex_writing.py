"""A Draft as an entry of BibTeX, in UTF-8. `bibtex` calls it. What programs would take for a command is written so that
they do not; fields that BibTeX does not know (country, rights, shelfnumber) are ones that they pass over.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import count

from catalogue import codes
from catalogue.draft import Draft, Identifier, Name, clean_line
from catalogue.folding import fold_heading
from catalogue.formats.identifiers import write_pair
from catalogue.formats.references import WORKS, is_plain_doi, standard_number
from catalogue.imprint import read_imprint

# The type of entry of each kind of document, and the field in which that type has its publisher.
TYPES = {
    "report": ("techreport", "institution"),
    "evaluation": ("techreport", "institution"),
    "working-paper": ("techreport", "institution"),
    "policy": ("techreport", "institution"),
    "thesis": ("phdthesis", "school"),
    "conference": ("inproceedings", "publisher"),
    "article": ("article", "publisher"),
    "chapter": ("incollection", "publisher"),
    "book": ("book", "publisher"),
}
OTHER = ("misc", "publisher")
SCHEMES = {"doi": "doi", "isbn": "isbn", "issn": "issn", "report": "number"}

# Braces of a value must never count as braces of the file, nor "@" as the start of an entry.
_WRITTEN = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "@": "{@}",
    **{character: "\\" + character for character in "#$%&_"},
}
_SPECIAL = re.compile("[" + re.escape("".join(_WRITTEN)) + "]")
# Two characters that LaTeX would print as one, "--" as a dash, are kept apart.
_PAIRS = ("--", "''", "``", ",,", "<<", ">>", "?`", "!`")
# Addresses are taken letter by letter: nothing in them is escaped but what ends a value.
_IN_ADDRESS = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"})
# What styles must not put in small letters: "NHS", "McDonald", "U.K."
_CAPITALS = re.compile(r"(?<![\w\\])(?:(?:[^\W\d_]\.){2,}|[^\W_]{2,}(?!\w))")
_JOINED = re.compile(r"\sand\s|^and\s|\sand$", re.IGNORECASE)
_LETTERS = re.compile(r"[a-z0-9]+")
# Letters that no accent can be taken from.
_UNDIVIDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l"})
_LITTLE_WORDS = "a an and at by das de der des die ein eine el en for from in la le les of on the to"
_LITTLE = frozenset(_LITTLE_WORDS.split())


def write_entry(draft: Draft, taken: set[str]) -> bytes:
    """Return the entry of a draft, with a key that is not taken yet in its file."""
    entry, publisher_field = TYPES.get(draft.kind, OTHER)
    fields = [f"  {name} = {{{value}}}" for name, value in _fields(draft, publisher_field) if value]
    head = f"@{entry}{{{free_key(key(draft), taken)}"
    return (",\n".join([head, *fields]) + "\n}\n\n").encode("utf-8", "replace")


def key(draft: Draft) -> str:
    """Return the key of a reference, the same in every file: first author, year, first word of weight in the title."""
    year = "nd" if draft.year is None else f"{draft.year:04d}"
    return f"{_author_key(draft.authors)[:30] or 'anon'}{year}{_first_word(_fold(draft.title))[:30]}"


def _author_key(authors: tuple[Name, ...]) -> str:
    if not authors:
        return ""
    if authors[0].kind == codes.BODY:
        return _first_word(_fold(authors[0].heading))
    last, comma, _first = authors[0].heading.partition(",")
    words = _fold(last)
    return "".join(words if comma else words[-1:])


def _first_word(words: list[str]) -> str:
    return next((word for word in words if word not in _LITTLE), "".join(words[:1]))


def _fold(text: str) -> list[str]:
    """Return the words of a text in the letters that keys are made of."""
    plain = unicodedata.normalize("NFKD", fold_heading(text).replace("'", "").replace("’", ""))
    return _LETTERS.findall(plain.translate(_UNDIVIDED))


def free_key(wanted: str, taken: set[str]) -> str:
    """Return the key, with a number behind it where it is taken, and take it."""
    key = wanted
    if key in taken:
        key = next(one for one in (f"{wanted}-{number}" for number in count(2)) if one not in taken)
    taken.add(key)
    return key


def _fields(draft: Draft, publisher_field: str) -> Iterator[tuple[str, str]]:
    imprint = read_imprint(draft.details)
    yield "title", _CAPITALS.sub(_kept, _escaped(draft.title))
    yield "author", " and ".join(map(_author, draft.authors))
    yield "type", WORKS.get(draft.kind, "")
    yield "year", "" if draft.year is None else f"{draft.year:04d}"
    yield publisher_field, _escaped(imprint.publisher)
    yield "address", _escaped(imprint.place)
    yield from _identifiers(draft)
    yield "url", clean_line(draft.url).translate(_IN_ADDRESS)
    yield "abstract", _escaped(draft.summary)
    yield "keywords", ", ".join(_listed(keyword) for keyword in draft.keywords)
    yield "note", _escaped(draft.details)
    yield "howpublished", _escaped(draft.source)
    yield "language", _escaped(draft.language)
    yield "country", _escaped(draft.country)
    yield "shelfnumber", _escaped(draft.shelf_number)
    yield "rights", _escaped(draft.rights)


def _escaped(text: str) -> str:
    if not text:
        return ""
    text = clean_line(text)
    written = _SPECIAL.sub(_written, text)
    for pair in _PAIRS:
        while pair in written:
            written = written.replace(pair, f"{pair[0]}{{}}{pair[1]}")
    if "{" in text and _is_nested(text):
        # So written, every program reads them; but they count, so that it can be done with whole pairs only.
        return written.replace(_WRITTEN["{"], r"\{").replace(_WRITTEN["}"], r"\}")
    return written


def _is_nested(text: str) -> bool:
    """Tell whether each brace of a text has its counterpart."""
    depth = 0
    for brace in re.findall("[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _written(match: re.Match[str]) -> str:
    return _WRITTEN[match.group()]


def _kept(match: re.Match[str]) -> str:
    word = match.group()
    return f"{{{word}}}" if sum(character.isupper() for character in word) > 1 else word


def _author(name: Name) -> str:
    """Return a person as "Last, First" or "Last, Jr., First"; a body, or a person not so written, whole in braces."""
    heading = clean_line(name.heading)
    parts = [part.strip() for part in heading.split(",")]
    is_inverted = len(parts) in (2, 3) or " " not in heading
    is_one = (
        is_inverted
        and all(part[:1].isalnum() for part in parts)
        and not _JOINED.search(heading)
        and heading.lower() != "others"
    )
    if name.kind != codes.PERSON or not is_one:
        return f"{{{_escaped(heading)}}}"
    return ", ".join(_escaped(part) for part in (parts[0], *reversed(parts[1:])))


def _listed(keyword: str) -> str:
    return f"{{{_escaped(keyword)}}}" if "," in keyword or ";" in keyword else _escaped(keyword)


def _identifiers(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield the first of each scheme that has a field, and all others in one field together."""
    found: dict[str, str] = {}
    others = []
    for item in draft.identifiers:
        name = SCHEMES[item.scheme] if _has_field(item, draft.kind) else ""
        if not name or name in found:
            others.append(_listed(write_pair(item)))
        else:
            found[name] = clean_line(item.value)
    for name, value in found.items():
        yield name, value.translate(_IN_ADDRESS) if name == "doi" else _escaped(value)
    yield "identifiers", "; ".join(others)


def _has_field(item: Identifier, kind: str) -> bool:
    """Tell whether the field of an identifier's scheme will be understood, and is there in the type of entry."""
    if item.scheme in ("isbn", "issn"):
        return standard_number(item.value) == item.scheme
    if item.scheme == "doi":
        return is_plain_doi(item.value)
    return item.scheme == "report" and TYPES.get(kind, OTHER)[0] == "techreport"
