"""Searches and records to take away: the whole of a result in each format, at its address with an ending.

`/search.ris?q=peer` reads its parameters as `/search?q=peer` does, and holds as many records, in the same order. The
numbers are taken once, the records are read as they are sent: one that was deleted or withdrawn meanwhile is left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import codes
from catalogue.exporting import public_drafts
from catalogue.folding import fold_heading
from catalogue.formats import Format, get_format
from catalogue.models import Record
from search import facets, index
from search.addresses import encoded, path, with_parameters
from search.asking import asked
from search.engine.base import Request
from search.filters import RecordFilter, answered, read_view
from search.permanent import permanent_urls
from search.problems import problem

# The endings of addresses, in the order of the links: first what most readers want, then what other systems take.
USUAL = ("ris", "bib", "csv", "jsonl")
FORMATS: dict[str, Format] = {
    "ris": get_format("ris"),
    "bib": get_format("bibtex"),
    "csv": get_format("csv"),
    "jsonl": get_format("jsonl"),
    "csl.json": get_format("csljson"),
    "mrc": get_format("marc"),
    "marcxml": get_format("marcxml"),
    "mods": get_format("mods"),
    "dc": get_format("oai_dc"),
}
MOST_TICKED = 500
CHUNK = 64 * 1024
# The parameters that say which part of a result a page shows, and mean nothing for the whole.
OF_PAGES = ("page", "per_page")
# What a program may ask for at the address of a record, besides the media types of the formats.
OTHER_TYPES = {
    "application/x-bibtex-text-file": "bib",
    "text/x-bibtex": "bib",
    "application/x-ndjson": "jsonl",
    "application/json": "jsonl",
}


@dataclass(frozen=True)
class Search:
    """What an address asks for: all of it, whichever page it names."""

    filterset: RecordFilter
    chosen: facets.Chosen
    request: Request

    @property
    def asked(self) -> str:
        return asked(self.filterset.boxes, self.chosen.filters)


def read_search(data: QueryDict) -> tuple[Search, list[int]]:
    """Return the search in the parameters of an address, and the numbers of all that it finds, in order."""

    def ask(filterset: RecordFilter) -> tuple[Search, list[int]]:
        search = _search(data, filterset)
        return search, index.numbers(search.request)

    return answered(data, ask)


def read_latest(data: QueryDict) -> Search:
    """Return the search in the parameters of an address, its headings as the index has them now."""
    index.catalogue().use()
    return _search(data, RecordFilter(data))


def _search(data: QueryDict, filterset: RecordFilter) -> Search:
    chosen = facets.read_chosen(data)
    return Search(filterset, chosen, Request(filterset.tree, chosen.filters, sort=read_view(data).sort))


@require_safe
def search_export(request: HttpRequest, ending: str) -> HttpResponseBase:
    """All records that a search finds, in one file."""
    search, numbers = read_search(request.GET)
    chosen = (value for one in search.chosen.filters for value in one.include)
    return _file(request, numbers, ending, " ".join([asked(search.filterset.boxes), *chosen]))


class NumbersField(forms.Field):
    """The numbers of records in a repeatable parameter: each once, as many as can be ticked, without what is none."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[int, ...]:
        numbers = (int(item) for item in value or () if re.fullmatch(r"[0-9]{1,18}", str(item)))
        return tuple(dict.fromkeys(numbers))[:MOST_TICKED]


class TickedForm(forms.Form):
    n = NumbersField(required=False)


def ticked_numbers(data: QueryDict) -> tuple[int, ...]:
    form = TickedForm(data)
    form.is_valid()
    return form.cleaned_data["n"]


@require_safe
def ticked_export(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The records whose numbers the address names, in its order."""
    numbers = ticked_numbers(request.GET)
    if not numbers:
        return nothing_ticked(request)
    return _file(request, public_numbers(numbers), ending, _("ticked records"))


def public_numbers(numbers: Sequence[int]) -> list[int]:
    """Return those of these records that are published now, in the same order."""
    found = set(Record.objects.filter(pk__in=numbers, status=codes.PUBLISHED).values_list("pk", flat=True))
    return [number for number in numbers if number in found]


def nothing_ticked(request: HttpRequest) -> HttpResponse:
    advice = _("Go back to the results, tick the box before each record that you want, and take them again.")
    sentence = _("There is no record to take away.")
    return problem(request, 400, _("Nothing was ticked"), sentence, advice, back_url=_results_before(request))


def _results_before(request: HttpRequest) -> str:
    """Return the address of the page of results from which a reader comes; "" where it is not one of ours."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    is_ours = before.netloc == request.get_host() and before.path == path("results")
    return with_parameters(before.path, before.query) if is_ours else ""


def record_export(request: HttpRequest, number: int, ending: str) -> HttpResponseBase:
    """One record, which must be published."""
    return _file(request, [number], ending, _("record %(number)d") % {"number": number})


def accepted(request: HttpRequest) -> str:
    """Return the ending of the format that a program asks for in its Accept header; "" for the page."""
    endings = {"text/html": "", "application/xhtml+xml": ""}
    endings |= {one.media_type: ending for ending, one in FORMATS.items()} | OTHER_TYPES
    return endings.get(request.get_preferred_type(list(endings)) or "", "")


def _file(request: HttpRequest, numbers: Sequence[int], ending: str, name: str) -> HttpResponseBase:
    """Return the answer that sends these records as it reads them. X-Records says how many they are to be."""
    pieces = FORMATS[ending].pieces(public_drafts(numbers, permanent_urls(request)))
    headers = {
        "Content-Type": FORMATS[ending].media_type + ("" if FORMATS[ending].binary else "; charset=utf-8"),
        "Content-Disposition": disposition(name, ending),
        "X-Records": str(len(numbers)),
        "X-Robots-Tag": "noindex",
    }
    # Nothing is read for a HEAD; a plain response would tell a length that is not that of the file.
    return StreamingHttpResponse(() if request.method == "HEAD" else chunks(pieces), headers=headers)


def chunks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces joined into chunks worth sending."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def disposition(name: str, ending: str) -> str:
    """Return the header that names a file: in letters that every program takes, and as it was asked (RFC 6266)."""
    spoken = "-".join(re.findall(r"\w+", name))[:80].strip("-_") or "records"
    plain = "-".join(re.findall(r"[a-z0-9]+", fold_heading(spoken))) or "records"
    header = f'attachment; filename="{plain}.{ending}"'
    return header if plain == spoken.lower() else f"{header}; filename*=UTF-8''{quote(f'{spoken}.{ending}')}"


def context(data: QueryDict, count: int) -> dict[str, Any]:
    """Return what the page of a result offers to take away."""
    whole = encoded(data, *OF_PAGES)
    feed = encoded(data, *OF_PAGES, "sort")
    found: dict[str, Any] = {"feed_url": with_parameters(path("feed"), feed)}
    if count:
        links = {ending: _link(ending, with_parameters(path(f"export-{ending}"), whole)) for ending in FORMATS}
        found |= _parted("exports", links, {"label": _("Print"), "url": with_parameters(path("print"), whole)})
        taken = {ending: _link(ending, path(f"ticked-{ending}")) for ending in FORMATS}
        found |= _parted("take", taken, {"label": _("Print"), "url": path("ticked-print")})
    return found


def _parted(name: str, links: dict[str, dict[str, str]], *others: dict[str, str]) -> dict[str, Any]:
    """Return the links of the usual formats, with others, and apart from them those that few want."""
    usual, rare = ([link for ending, link in links.items() if (ending in USUAL) == wanted] for wanted in (True, False))
    return {name: [*usual, *others], f"{name}_more": rare}


def record_links(number: int) -> dict[str, Any]:
    """Return what the page of a record offers to take away."""
    return _parted("exports", {ending: _link(ending, reverse(f"record-{ending}", args=[number])) for ending in FORMATS})


def _link(ending: str, url: str) -> dict[str, str]:
    # A label of a format tells librarians what it reads; readers know it by its short name.
    label = _("CSV") if ending == "csv" else str(FORMATS[ending].label)
    return {"label": label, "url": url, "media_type": FORMATS[ending].media_type}
