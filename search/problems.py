"""The pages for what goes wrong: each says in a sentence what happened and what to do."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from search.engine.base import IndexUnwritable
from search.index import IndexNotReady

logger = logging.getLogger(__name__)


def problem(
    request: HttpRequest, status: int, title: str, sentence: str, advice: str, back_url: str = ""
) -> HttpResponse:
    desk = reverse("admin:index")
    page = {
        "status": status,
        "title": title,
        "sentence": sentence,
        "advice": advice,
        "back_url": back_url,
        "desk_url": desk if request.path.startswith(desk) else "",
    }
    return render(request, "search/problem.html", page, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = _("The catalogue cannot make sense of this address.")
    return problem(request, 400, _("Not understood"), sentence, _("Start again from the search form."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = _("Your account does not have the right to do this.")
    return problem(request, 403, _("Not allowed"), sentence, _("Ask an administrator of the catalogue for it."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    sentence = _("Your browser did not send the cookie that shows that this form is ours.")
    advice = _("Allow cookies for this site, go back, load the page again, and send the form once more.")
    return problem(request, 403, _("Not accepted"), sentence, advice)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = _("The catalogue has no page at this address.")
    advice = _("Check the address, or look for the document with the search form.")
    return problem(request, 404, _("Not found"), sentence, advice)


def server_error(request: HttpRequest) -> HttpResponse:
    sentence = _("The catalogue made a mistake. It has been noted; nothing is lost.")
    return problem(request, 500, _("Something went wrong"), sentence, _("Please try again."))


def index_errors(get_response: Callable[[HttpRequest], HttpResponseBase]) -> "IndexErrors":
    return IndexErrors(get_response)


class IndexErrors:
    """Answers 503 with a plain page while there is no index that could answer a search."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, IndexNotReady):
            sentence = _("The catalogue's search index is being made anew.")
            response = problem(request, 503, _("One moment"), sentence, _("Please try again in a minute."))
        elif isinstance(error, IndexUnwritable):
            logger.error("There is no search index, and none can be written: %s", error)
            sentence = _("The catalogue's search index cannot be written at the moment.")
            advice = _("Nothing is lost. Please try again later; the library has been told.")
            response = problem(request, 503, _("The catalogue cannot be searched"), sentence, advice)
        else:
            return None
        response.headers["Retry-After"] = "60"
        return response
