"""The public addresses as pages write them. Looking one up takes as long as to draw a card: each is looked up once."""

import functools
from urllib.parse import quote_plus, urlencode

from django.http import QueryDict
from django.urls import reverse

from search.query import cut


@functools.lru_cache(maxsize=1_000)
def path(view_name: str, *parts: str) -> str:
    """Return the path of a view; `parts` complete it. They come from fixed lists, never from a reader."""
    return reverse(view_name, args=parts)


def address(view_name: str, data: QueryDict, *parts: str) -> str:
    """Return the address of a view with these parameters, the empty ones left out."""
    return with_parameters(path(view_name, *parts), encoded(data))


def encoded(data: QueryDict, *left_out: str) -> str:
    """Return parameters as an address has them, without the empty ones, those named, and what is not searched."""
    kept = ((name, values) for name, values in data.lists() if name not in left_out)
    return urlencode([(name, cut(value)) for name, values in kept for value in values if value])


def with_parameters(url: str, parameters: str) -> str:
    """Return an address with more parameters, which are encoded already."""
    if not parameters:
        return url
    return f"{url}{'&' if '?' in url else '?'}{parameters}"


def heading_url(name: str, heading: str) -> str:
    """Return the address of the search for the words of a heading: as if they had been typed into its box."""
    return f"{path('results')}?{name}={quote_plus(heading)}"


def records_url(name: str, heading: str) -> str:
    """Return the address of the records that have a heading, and no others: as many as lists of headings count."""
    return f"{path('results')}?in_{name}={quote_plus(heading)}"


def record_url(number: int) -> str:
    return f"{_before_record_numbers()}{number}"


def document_url(number: int, key: object) -> str:
    return f"{record_url(number)}/documents/{key}"


@functools.cache
def _before_record_numbers() -> str:
    return reverse("record", args=[0]).removesuffix("0")
