"""What was asked, in words, and the addresses of searches that ask for something near to it."""

from collections.abc import Iterable, Mapping

from django.http import QueryDict

from search import addresses, facets
from search.engine.base import Filter
from search.fields import FIELDS


def asked(boxes: Mapping[str, str], filters: Iterable[Filter] = ()) -> str:
    """Return what was asked in words: a single box as it was typed, several with their labels.

    Where nothing was typed, `filters` say what was chosen.
    """
    if not boxes:
        return "; ".join(f"{title}: {value}" for one in filters for title, value in facets.said(one))
    if len(boxes) == 1:
        return next(iter(boxes.values()))
    return "; ".join(labelled(name, text) for name, text in boxes.items())


def labelled(name: str, text: str) -> str:
    """Return what stands in a box with its label before it; the box for any field has none."""
    return text if name == "q" else f"{FIELDS[name].label}: {text}"


def with_boxes(data: QueryDict, boxes: Mapping[str, str]) -> QueryDict:
    """Return the parameters of a search, on its first page, with these boxes in the place of its own."""
    changed = data.copy()
    for name in ("q", "page", *FIELDS):
        changed.pop(name, None)
    for name, text in boxes.items():
        changed[name] = text
    return changed


def results_url(data: QueryDict) -> str:
    """Return the address of the results of a search."""
    return addresses.address("results", data)
