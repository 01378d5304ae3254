"""What somebody asked, read from the parameters of an address, as kept searches and lists write it down."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from search import addresses, asking, facets, query
from search.engine.base import Request, Sort
from search.fields import FIELDS
from search.filters import SORTS, RecordFilter, read_view

# How results are shown is no part of what was asked.
SHOWN_ONLY = ("page", "per_page", "csrfmiddlewaretoken", "again")
# An address longer than this is no longer taken by every server and every program.
LONGEST = 7_500


@dataclass(frozen=True)
class Asked:
    """A search as it was asked (`text`, `boxes`, `limits`) and as it was understood (`strategy`, `request`)."""

    parameters: str
    text: str
    boxes: tuple[tuple[str, str], ...]
    limits: tuple[tuple[str, str], ...]
    strategy: str
    notes: tuple[str, ...]
    request: Request

    @property
    def sort_label(self) -> str:
        return str(SORTS[self.request.sort])

    @property
    def too_long(self) -> bool:
        return len(self.parameters) > LONGEST


def read(data: QueryDict) -> Asked:
    """Return what the parameters of an address, or of a form with the same names, ask for."""
    filterset = RecordFilter(data)
    filters = facets.read_filters(data)
    labels = {"q": _("Any field"), **{name: str(field.label) for name, field in FIELDS.items()}}
    return Asked(
        parameters=parameters(data),
        text=asking.asked(filterset.boxes, filters),
        boxes=tuple((labels.get(name, name), text) for name, text in filterset.boxes.items()),
        limits=tuple(limit for one in filters for limit in facets.said(one)),
        strategy=query.to_text(filterset.tree, brackets=True),
        notes=tuple(filterset.notes),
        request=Request(filterset.tree, filters, sort=read_view(data).sort),
    )


def parameters(data: QueryDict, *left_out: str) -> str:
    """Return the parameters that say what is asked for, as an address has them; the same for the same search."""
    kept = QueryDict(mutable=True)
    for name in sorted(data):
        values = [query.without_control_characters(value) for value in data.getlist(name) if value.strip()]
        if values and name not in (*SHOWN_ONLY, *left_out):
            kept.setlist(name, values)
    if kept.get("sort") == Sort.RELEVANCE.value:
        del kept["sort"]
    return kept.urlencode()


def read_text(text: str) -> tuple[str, Request]:
    """Return the address of the search for words in any field, and what it asks for."""
    data = QueryDict(mutable=True)
    data["q"] = text
    return addresses.address("results", data), Request(RecordFilter(data).tree, limit=1)
