"""Puts the searches of a reader's list in the place of `#1`, so that every address means the same for all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalogue.draft import LAST_YEAR
from search import addresses, facets, query
from search.asking import asked
from search.engine.base import Filter
from search.fields import FIELDS
from search.filters import FIELD_NAMES, RecordFilter
from search.nodes import And, Everything, Heading, HistoryLine, In, Node, Not, Or, Range, Word, all_of, any_of, to_text

ANY_YEAR = Range(None, LAST_YEAR)


@dataclass(frozen=True)
class Expansion:
    """Where the search leads once its lines are put in their place ("": there are none), what is to be said, and how
    the search was typed.
    """

    address: str = ""
    notices: tuple[str, ...] = ()
    typed: str = ""


def expand(data: QueryDict, lines: Mapping[int, str], gone: int = 0) -> Expansion:
    """Return a search with its lines in their place.

    `lines` are the parameters of each line that there is; those up to number `gone` have left the list.
    """
    if not any("#" in value for values in data.lists() for value in values[1]):
        return Expansion()
    filterset = RecordFilter(data)
    tree = filterset.tree
    wanted = list(dict.fromkeys(_lines_in(tree)))
    if not wanted:
        return Expansion()
    unknown = [number for number in wanted if number not in lines]
    notices = [_gone(number) if number <= gone else _unknown(number) for number in unknown]
    found = {number: _expression(QueryDict(lines[number])) for number in wanted if number in lines}
    if not found:
        return Expansion("", tuple(notices))
    for number, (_tree, unsaid) in found.items():
        notices += [_unsaid(number, what) for what in unsaid]
    lengths = {number: len(to_text(expression)) for number, (expression, _unsaid) in found.items()}
    if sum(lengths.get(number, 0) for number in _lines_in(tree)) > query.LONGEST_QUERY:
        return _too_long()
    whole = _replaced(tree, {number: expression for number, (expression, _unsaid) in found.items()}, "")
    text = to_text(whole)
    if len(text) > query.LONGEST_QUERY or query.parse(text, fields=FIELD_NAMES).notes:
        return _too_long()
    changed = data.copy()
    for name in ("page", *FIELDS):
        changed.pop(name, None)
    changed["q"] = text
    # What the lines were expanded with is written out: it must not be expanded again.
    changed["also"] = "0"
    return Expansion(addresses.address("results", changed), tuple(notices), asked(filterset.boxes))


def _too_long() -> Expansion:
    return Expansion("", (_("These lines together are too long for one search; their numbers were searched."),))


def expression_of(data: QueryDict) -> tuple[str, list[str]]:
    """Return a search, its facets included, as one expression of the query language, and what that cannot say."""
    tree, unsaid = _expression(data)
    return to_text(tree, brackets=True), unsaid


def _unknown(number: int) -> str:
    sentence = _("There is no line #%(number)d in a list of your searches; it was searched as a word.")
    return sentence % {"number": number}


def _gone(number: int) -> str:
    sentence = _("Line #%(number)d has left the list of your searches; its number was searched as a word.")
    return sentence % {"number": number}


def _unsaid(number: int, what: str) -> str:
    sentence = _("Line #%(number)d was narrowed by “%(what)s”, which cannot be combined; it was left out.")
    return sentence % {"number": number, "what": what}


def _lines_in(node: Node) -> Iterator[int]:
    match node:
        case HistoryLine(number):
            yield number
        case And(nodes) | Or(nodes):
            for child in nodes:
                yield from _lines_in(child)
        case Not(inner) | In(_, inner):
            yield from _lines_in(inner)


def _replaced(node: Node, found: Mapping[int, Node], field: str) -> Node:
    """Return a tree with its lines replaced. A line asks for what it asked for, in whatever box it is named."""
    match node:
        case HistoryLine(number):
            return found[number] if number in found else _in(field, Word(str(number)))
        case And(nodes):
            return all_of([_replaced(child, found, field) for child in nodes])
        case Or(nodes):
            branches = [_replaced(child, found, field) for child in nodes]
            # A line without words asks for every record, and so does whatever it is an alternative to.
            return Everything() if Everything() in branches else any_of(branches)
        case Not(inner):
            return _without(_replaced(inner, found, field))
        case In(name, inner) if any(_lines_in(inner)):
            return _replaced(inner, found, name)
        case In():
            return node
    return _in(field, node)


def _in(field: str, node: Node) -> Node:
    return In(field, node) if field and not isinstance(node, Heading | Range | Everything) else node


def _without(node: Node) -> Node:
    return node.node if isinstance(node, Not) else Not(node)


def _expression(data: QueryDict) -> tuple[Node, list[str]]:
    unsaid: list[str] = []
    nodes: list[Node] = [_replaced(RecordFilter(data).tree, {}, "")]
    for one in facets.read_filters(data):
        for node, label in _said(one):
            if node is not None and query.parse(to_text(node), fields=FIELD_NAMES).tree == node:
                nodes.append(node)
            else:
                unsaid.append(f"{facets.FACETS[one.facet].title}: {label}")
    return all_of(nodes), unsaid


def _said(one: Filter) -> Iterator[tuple[Node | None, str]]:
    """Yield each condition of a filter as the language says it (None: it cannot), with its label."""
    included = [_value(one.facet, value) for value in one.include]
    lacking: Node | None = Not(ANY_YEAR) if one.facet == "year" else None
    labels = [*map(str, one.include), *([_("none given")] if one.missing else [])]
    if one.missing:
        included.append(lacking)
    if included:
        said = [node for node in included if node is not None]
        yield any_of(said) if len(said) == len(included) else None, _(" or ").join(labels)
    for value in one.exclude:
        node = _value(one.facet, value)
        yield _without(node) if node is not None else None, _("not %(value)s") % {"value": value}
    if one.without:
        yield ANY_YEAR if one.facet == "year" else None, _("given")


def _value(facet: str, value: str) -> Node | None:
    if facet == "year":
        return query.parse_years(value)
    if facet in ("language", "kind"):
        return In(facet, Word(value))
    return Heading(facet, " ".join(value.split())) if facet in FIELDS else None
