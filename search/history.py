"""This reader's own searches as numbered lines. They are kept in a signed cookie, in the browser, and nowhere else.

The list exists only for those who switch it on; whoever does not is not told apart from anybody.
"""

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from search import expansion, transactions

COOKIE = "searches"
_SALT = "greyshelf.searches"
MOST_LINES = 40
# Browsers drop a cookie above 4,096 bytes with its name and attributes.
MOST_BYTES = 3_800

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Line:
    number: int
    parameters: str
    count: int
    time: int

    @property
    def asked(self) -> transactions.Asked:
        return transactions.read(QueryDict(self.parameters))

    @property
    def when(self) -> datetime:
        return timezone.localtime(datetime.fromtimestamp(self.time, UTC))


@dataclass(frozen=True)
class History:
    """The lines, oldest first, the number of the next one, and sentences for the next page of results."""

    lines: tuple[Line, ...] = ()
    next_number: int = 1
    notices: tuple[str, ...] = field(default=())

    def with_line(self, parameters: str, count: int) -> "History":
        line = Line(self.next_number, parameters, count, int(timezone.now().timestamp()))
        return replace(self, lines=(*self.lines, line)[-MOST_LINES:], next_number=self.next_number + 1)

    def parameters(self) -> dict[int, str]:
        return {line.number: line.parameters for line in self.lines}


def read(request: HttpRequest) -> History | None:
    """Return the list that a reader's browser sent; None where there is none, or it is not as we wrote it."""
    try:
        lines, next_number, notices = signing.loads(request.COOKIES[COOKIE], salt=_SALT)
        return History(tuple(Line(*line) for line in lines), next_number, tuple(notices))
    except (KeyError, TypeError, ValueError, signing.BadSignature):
        return None


def write(response: HttpResponse, history: History) -> None:
    """Send the list to the browser. The oldest lines leave when it is full."""
    while len(signed := _signed(history)) > MOST_BYTES and history.lines:
        history = replace(history, lines=history.lines[1:])
    response.set_cookie(
        COOKIE, signed, secure=bool(settings.SESSION_COOKIE_SECURE), httponly=True, samesite="Lax", path="/"
    )


def _signed(history: History) -> str:
    lines = [tuple(asdict(line).values()) for line in history.lines]
    return signing.dumps((lines, history.next_number, history.notices), salt=_SALT, compress=True)


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/", samesite="Lax")


def listed(view: View) -> View:
    """Make a view of results understand `#1`, and have its searches listed for readers who keep a list."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        history = read(request)
        expanded = expansion.expand(request.GET, history.parameters() if history else {})
        if history and expanded.address:
            redirect = HttpResponseRedirect(expanded.address)
            write(redirect, replace(history, notices=expanded.notices))
            patch_vary_headers(redirect, ["Cookie"])
            return redirect
        response = view(request, *arguments, **named)
        patch_vary_headers(response, ["Cookie"])
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            _add(request, response, response.context_data, history, expanded.notices)
        return response

    return wrapped


def _add(
    request: HttpRequest,
    response: HttpResponse,
    page: dict[str, Any],
    history: History | None,
    notices: tuple[str, ...],
) -> None:
    """Note a search in the list, and put onto its page what is to be said."""
    said = [*notices, *(history.notices if history else ())]
    changed = replace(history, notices=()) if history else None
    line = transactions.parameters(request.GET, "sort")
    is_first_page = request.method == "GET" and request.GET.get("page", "1") in ("", "1")
    if changed and line and is_first_page and (not changed.lines or changed.lines[-1].parameters != line):
        longer = changed.with_line(line, page["stamp"].count)
        if len(_signed(replace(longer, lines=longer.lines[-1:]))) <= MOST_BYTES:
            changed = longer
        else:
            said.append(_("This search is too long for the list in your browser; it was not added."))
    if changed and changed != history:
        write(response, changed)
    page["notices"] = [*page.get("notices", ()), *said]
