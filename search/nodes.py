"""The tree of a query: small frozen nodes, put together and printed as text.

No Django is known here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every record: the tree of an empty box."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as typed, perhaps with hyphens or in a script without spaces; never empty of tokens."""

    text: str


@dataclass(frozen=True, slots=True)
class Truncated:
    """A word with `*` for any letters and `?` for one, folded: `rehab*`, `wom?n`."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in their order and form, or, with a distance above 0, near each other in any order."""

    words: tuple[str, ...]
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """A whole heading of one field, its variants included: `keyword="Peer Mentoring (U.K.)"`."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """Years from `low` to `high`, both included; None is open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of this reader's own searches, `#1`; it is expanded before anything is searched."""

    number: int


@dataclass(frozen=True, slots=True)
class In:
    """A query whose words are looked for in one field only."""

    field: str
    node: "Node"


@dataclass(frozen=True, slots=True)
class Not:
    node: "Node"


@dataclass(frozen=True, slots=True)
class And:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: tuple["Node", ...]


Node: TypeAlias = Everything | Word | Truncated | Phrase | Heading | Range | HistoryLine | In | Not | And | Or


@dataclass(frozen=True)
class Note:
    """A sentence on what was not understood: an English message to translate, and the values to put into it."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.values


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree of a text, and notes on what in it was not understood."""

    tree: Node
    notes: tuple[Note, ...] = ()


def leaves(tree: "Node") -> Iterator["Node"]:
    """Yield what a tree consists of: words, phrases and the like."""
    match tree:
        case And(nodes) | Or(nodes):
            for node in nodes:
                yield from leaves(node)
        case Not(node) | In(_, node):
            yield from leaves(node)
        case _:
            yield tree


def all_of(nodes: "tuple[Node, ...] | list[Node]") -> Node:
    """Return the tree that matches what all nodes match; Everything for none."""
    flat: list[Node] = []
    for node in nodes:
        if isinstance(node, And):
            flat.extend(node.nodes)
        elif not isinstance(node, Everything):
            flat.append(node)
    if not flat:
        return Everything()
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(nodes: "tuple[Node, ...] | list[Node]") -> Node:
    """Return the tree that matches what any node matches."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, Or) else (node,))
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def to_text(node: Node, brackets: bool = False) -> str:
    """Return a tree as text that parses to the same tree; with `brackets`, every AND and OR in brackets of its own."""
    match node:
        case And() | Or():
            return _joined(node, brackets)
        case In(name, inner):
            text = to_text(inner, brackets)
            return f"{name}:{text}" if isinstance(inner, Word | Truncated | Phrase) else f"{name}:({text})"
        case Not(inner):
            return f"NOT {_closed(inner, brackets)}"
        case _:
            return _leaf(node)


def _leaf(node: Node) -> str:
    match node:
        case Word(text) | Truncated(text):
            return text
        case Phrase(words, distance):
            return f'"{" ".join(words)}"' + (f"~{distance}" if distance else "")
        case Heading(name, text):
            return f'{name}="{text}"'
        case Range():
            return f"year:{range_text(node)}"
        case HistoryLine(number):
            return f"#{number}"
        case _:
            return ""


def _joined(node: And | Or, brackets: bool) -> str:
    if isinstance(node, Or):
        parts = [_closed(child, brackets) if brackets else to_text(child) for child in node.nodes]
        return " OR ".join(parts)
    parts = [_closed(child, brackets) if brackets or isinstance(child, Or) else to_text(child) for child in node.nodes]
    return (" AND " if brackets else " ").join(parts)


def _closed(node: Node, brackets: bool) -> str:
    text = to_text(node, brackets)
    return f"({text})" if isinstance(node, And | Or | Not) else text


def range_text(years: Range) -> str:
    """Return a range as it is typed: "2012", "2010-2015", "-1999", "2015-"."""
    if years.low == years.high:
        return str(years.low)
    return f"{'' if years.low is None else years.low}-{'' if years.high is None else years.high}"
