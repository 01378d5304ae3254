"""Authors as plain text: how several are told apart, what is guessed about each, and how one is written down."""

import re

from catalogue import codes
from catalogue.draft import Name, is_orcid
from catalogue.folding import fold_heading

# Folded words, in several languages, that only the names of bodies hold.
_BODY_WORDS = (
    "academy administration agence agencia agency asociacion association authority board bureau center centre centro "
    "centrum college comision comite commission committee commonwealth company confederation congress conseil consejo "
    "consortium corporation council court departamento departement department directorate division federation "
    "fondation forening forum foundation fundacion gmbh government group hochschule hospital inc initiative "
    "inspectorate institut institute institution instituto instituutti keskus laboratory laitos league library liitto "
    "limited ltd ministere ministerio ministerium ministry museum nations network office oficina organisation "
    "organization parliament partnership police programme project school secretariat service services societe society "
    "stiftung taskforce trust union universidad universitat universite universitet university virasto yliopisto"
)
BODY_WORDS = frozenset(_BODY_WORDS.split())
_KIND_MARK = re.compile(r"\s*\[(person|body)\]$")
_ORCID_MARK = re.compile(
    r"(?<![\s,])[\s,]*+[(\[<]?\s*+(?:orcid\s*+:?\s*+)?(?:https?://orcid\.org/)?"
    r"(\d{4}-\d{4}-\d{4}-\d{3}[\dX])\s*+[)\]>]?$",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s{2,}")
_WORD = re.compile(r"[^\W\d_]+")
_INVERTED = re.compile(r"[^,]+,[^,]+")
_BETWEEN = re.compile(r"\s+(?:and|&|/)\s+")
_COMMA_OR_AND = re.compile(r"\s*,\s*(?:(?:and|&)\s+)?|\s+(?:and|&)\s+")
_INITIALS = re.compile(r"[^\W\d_]|(?:[^\W\d_]\.[ -]?){1,4}")
_AND = re.compile(r"\s+(?:and|&|/|und|et|og|och|ja)\s+")
_SURNAME_AND_INITIALS = re.compile(r"[^\W\d_][\w'’-]+(?: [\w'’-]+)? [^\W\d_a-z]{1,3}")
_SMALL_WORDS = frozenset(("of", "for", "the", "in", "on", "für", "der", "des", "pour", "de", "para"))
# What stands for authors who are not named.
OTHERS = re.compile(r"(?:and\s+)?(?:et\.?\s*al(?:ii)?\b\.?|others|\.\.\.|…)", re.IGNORECASE)


def guess_name(text: str) -> Name:
    """Return the author that a plain string names, as written: a name is never turned round in silence.

    It is a body when a word says so ("University of Leeds, School of Law"), when there is no comma and more than one
    word ("Save the Children"), or when it is a word in capitals ("RAND"); else a person. An ORCID at the end, in
    brackets or as an orcid.org address, is taken out, and makes a person of anything; so does "[person]", and "[body]"
    a body. A number that is not a valid ORCID stays in the name.
    """
    text = single_spaced(text)
    mark = _KIND_MARK.search(text)
    if mark:
        text = text[: mark.start()]
    found = _ORCID_MARK.search(text)
    orcid = found.group(1).upper() if found and is_orcid(found.group(1).upper()) else ""
    heading = text[: found.start()] if found and orcid else text
    if mark:
        return Name(heading, mark.group(1), orcid)
    return Name(heading, codes.PERSON if orcid or not looks_like_body(heading) else codes.BODY, orcid)


def single_spaced(text: str) -> str:
    """Return the text with one space for several. Lone ones stay as they are: in garbled letters they mean more."""
    return text.strip() if "  " not in text and text.isprintable() else _SPACES.sub(" ", text).strip()


def looks_like_body(heading: str) -> bool:
    """Tell whether a heading is more likely an organisation than a person."""
    first, comma, rest = heading.partition(",")
    # "Court, Ann" is a person: a lone word before the comma is a surname, whatever it means.
    named = rest if comma and len(first.split()) == 1 else heading
    if not BODY_WORDS.isdisjoint(fold_heading(word) for word in _WORD.findall(named)):
        return True
    if comma:
        return False
    return len(heading.split()) > 1 or (len(heading) > 1 and heading.isupper())


def split_names(text: str, separator: str = ";") -> list[str]:
    """Return the authors of one string.

    The separator always divides. Where there is none, "|" does. "and", "&" and "/" do only between inverted names of
    people ("Smith, Ann and Jones, Bo"), for the Department for Work and Pensions is one author; and commas only where
    each name has its initials ("Smith, A., Jones, B. and Lee, C.").
    """
    text = single_spaced(text)
    if separator and separator in text:
        parts = text.split(separator)
    elif "|" in text:
        parts = text.split("|")
    elif "," in text:
        parts = _inverted(text) or _with_initials(text) or [text]
    else:
        parts = [text]
    return [part.strip() for part in parts if part.strip()]


def _inverted(text: str) -> list[str]:
    parts = _BETWEEN.split(text)
    people = all(_INVERTED.fullmatch(part) and not looks_like_body(part) for part in parts)
    return parts if people else []


def _with_initials(text: str) -> list[str]:
    parts = _COMMA_OR_AND.split(text.strip().removesuffix(","))
    names = list(zip(parts[::2], parts[1::2], strict=False))
    if len(names) < 2 or len(parts) % 2 or any(not _is_initials(initials) for _surname, initials in names):
        return []
    if any(_is_initials(surname) or looks_like_body(f"{surname}, X") for surname, _initials in names):
        return []
    return [f"{surname}, {initials}" for surname, initials in names]


def _is_initials(text: str) -> bool:
    return bool(_INITIALS.fullmatch(text)) and text.isupper()


def may_be_several(heading: str) -> bool:
    """Tell whether a heading looks like several people whom nothing certain divides ("Ann Smith, Bo Jones, Cy Lee").

    Two names and a comma may be one person with two surnames: "García Márquez, Gabriel José".
    """
    heading = single_spaced(heading)
    if "," not in heading and " " not in heading:
        return False
    if not _has_several(heading):
        return False
    words = {fold_heading(word) for word in _WORD.findall(heading)}
    return BODY_WORDS.isdisjoint(words) and _SMALL_WORDS.isdisjoint(heading.split())


def _has_several(heading: str) -> bool:
    parts = [
        part
        for piece in _AND.split(heading)
        for part in piece.split(",")
        if part.strip() and part.upper() != part.lower()
    ]
    lengths = [len(part.split()) for part in parts]
    if _AND.search(heading):
        return "," in heading or min(lengths, default=0) > 1
    if len(parts) > 1 and all(_SURNAME_AND_INITIALS.fullmatch(part.strip()) for part in parts):
        return True
    return len(parts) > 3 or (len(parts) == 3 and min(lengths) > 1)


def write_name(name: Name) -> str:
    """Return the author as a string that `guess_name` reads back; the kind is added only where it would guess wrong."""
    text = f"{name.heading} ({name.orcid})" if name.orcid else name.heading
    return text if guess_name(text) == name else f"{text} [{name.kind}]"


def write_names(names: tuple[Name, ...], separator: str = ";") -> str:
    """Return the authors in one string. A lone one that would be divided ends in the separator, which prevents that."""
    text = f"{separator} ".join(write_name(name) for name in names)
    return text + separator if len(names) == 1 and split_names(text, separator) != [text] else text
