"""What happens around every request: the security policy of pages, and a plain page when the database is away."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from catalogue.database.embedded import DatabaseNotStarted

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Allow pages nothing but our own files; no inline script or style, nothing from another host."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def asked_again(get_response: GetResponse) -> GetResponse:
    """Have browsers ask again for what they have: a record can be published again, and a merge be undone.

    Without a word of ours a browser keeps that a page is gone, or has moved for good, for as long as it likes.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return middleware


def database_errors(get_response: GetResponse) -> "DatabaseErrors":
    return DatabaseErrors(get_response)


class DatabaseErrors:
    """Answers 503 with a plain page when the database cannot be reached, instead of failing with a traceback."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError | DatabaseNotStarted):
            return None
        logger.error("The database cannot be reached: %s", error)
        page = {
            "status": 503,
            "title": _("The catalogue cannot be reached"),
            "sentence": _("The catalogue's database does not answer at the moment."),
            "advice": _("Nothing is lost. Please try again in a minute."),
        }
        return HttpResponse(render_to_string("search/problem.html", page), status=503, headers={"Retry-After": "60"})
