"""The address under which a record is cited, for pages, exports and feeds alike."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def permanent_url(request: HttpRequest, number: int) -> str:
    """Return the address to cite: under the library's public name where it is known."""
    return public_url(request, reverse("record", args=[number]))


def permanent_urls(request: HttpRequest) -> Callable[[int], str]:
    """Return what makes the addresses to cite of many records: each by itself would be looked up anew."""
    start = permanent_url(request, 0).removesuffix("0")
    return lambda number: f"{start}{number}"


def public_url(request: HttpRequest, path: str) -> str:
    return settings.SITE_URL + path if settings.SITE_URL else request.build_absolute_uri(path)
