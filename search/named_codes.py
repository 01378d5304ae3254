"""Languages and kinds of document by their names: `language:Finnish`, `kind:"working paper"`."""

import functools
import re

from catalogue.folding import fold_heading
from catalogue.formats.base import Notes
from catalogue.formats.kinds import known_kind
from catalogue.formats.languages import ENGLISH_NAMES, read_language
from search.fields import FIELDS, Kind
from search.nodes import And, Heading, In, Node, Not, Or, Phrase, Word, any_of

_COMMAS = re.compile("[,;|/]")
MOST_NAMES = 20


def by_code(node: Node, field: str = "") -> Node:
    """Return a tree with the codes of what it names; what is the name of nothing stays as it is."""
    match node:
        case In(name, inner):
            return In(name, by_code(inner, name))
        case Heading(name, text):
            codes = _codes(name, text)
            return In(name, codes) if codes else node
        case Not(inner):
            return Not(by_code(inner, field))
        case And(nodes) | Or(nodes) if not (field and _name(node)):
            return type(node)(tuple(by_code(one, field) for one in nodes))
    return (_codes(field, _name(node)) if field else None) or node


def _codes(field: str, names: str) -> Node | None:
    """Return the codes of one name, or of several with commas between them; None where one is the name of nothing."""
    is_one = field == "kind" and known_kind(names)  # "Audio, video or image"
    codes = [_code(field, name) for name in ([names] if is_one else _COMMAS.split(names)[:MOST_NAMES])]
    return any_of([Word(code) for code in codes]) if all(codes) else None


def _name(node: Node) -> str:
    """Return words as one name: a word, a phrase, words side by side; "" for anything else."""
    match node:
        case Word(text):
            return text
        case Phrase(words, 0):
            return " ".join(words)
        case And(nodes) if all(isinstance(one, Word) for one in nodes):
            return " ".join(map(_name, nodes))
    return ""


def _code(field: str, name: str) -> str:
    if FIELDS[field].kind is not Kind.CODE:
        return ""
    if field == "kind":
        return known_kind(name)
    name = fold_heading(name)
    return _languages().get(name, "") or read_language(name, Notes())


@functools.cache
def _languages() -> dict[str, str]:
    return {fold_heading(name): code for code, name in ENGLISH_NAMES.items()}
