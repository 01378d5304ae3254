"""The same words within documents: a search that named no field is told how many records have them there."""

from collections.abc import Mapping

from django.http import QueryDict

from search import asking, facets, query
from search.engine.base import Index, Request
from search.fields import DOCUMENT
from search.filters import FIELD_NAMES


def link(index: Index, data: QueryDict, boxes: Mapping[str, str]) -> dict[str, object] | None:
    """Return the address of the search within documents and its count; None where it finds nothing, or has no sense."""
    if boxes.keys() != {"q"}:
        return None
    tree = query.parse(boxes["q"], fields=FIELD_NAMES).tree
    if not _is_plain(tree):
        return None
    count = index.count(Request(query.In(DOCUMENT, tree), facets.read_filters(data)))
    if not count:
        return None
    return {"count": count, "url": asking.results_url(asking.with_boxes(data, {DOCUMENT: boxes["q"]}))}


def _is_plain(node: query.Node) -> bool:
    """Tell whether a query is made of words alone, and asks for some."""
    match node:
        case query.And(nodes) | query.Or(nodes):
            return all(_is_plain(child) or _is_plain_not(child) for child in nodes) and any(map(_is_plain, nodes))
        case query.Word() | query.Phrase() | query.Truncated():
            return True
    return False


def _is_plain_not(node: query.Node) -> bool:
    return isinstance(node, query.Not) and _is_plain(node.node)
