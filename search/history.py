"""This reader's own searches as numbered lines. They are kept in a signed cookie, in the browser, and nowhere else.

The list exists only for those who switch it on; whoever does not is not told apart from anybody.
"""

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
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
MOST_LINES = 100
# Browsers drop a cookie above 4,096 bytes with its name and attributes.
MOST_BYTES = 3_800
LONGEST_TYPED = 200

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Line:
    """A search that was run. `typed` is how it was written where that named other lines: "#1 AND #3"."""

    number: int
    parameters: str
    count: int
    time: int
    typed: str = ""

    @property
    def asked(self) -> transactions.Asked:
        return transactions.read(QueryDict(self.parameters))

    @property
    def when(self) -> datetime:
        return timezone.localtime(datetime.fromtimestamp(self.time, UTC))


@dataclass(frozen=True)
class History:
    """The lines, oldest first, the number of the next one, and for the page of results that a browser is sent to: what
    is to be said on it, and how its search was typed.
    """

    lines: tuple[Line, ...] = ()
    next_number: int = 1
    notices: tuple[str, ...] = ()
    typed: str = ""

    def with_line(self, parameters: str, count: int) -> "History":
        """Return the list with another line; the oldest leave where it would be too long."""
        line = Line(self.next_number, parameters, count, int(timezone.now().timestamp()), self.typed)
        longer = replace(self, lines=(*self.lines, line)[-MOST_LINES:], next_number=self.next_number + 1, typed="")
        while len(longer.lines) > 1 and len(_signed(longer)) > MOST_BYTES:
            longer = replace(longer, lines=longer.lines[1:])
        return longer

    def gone(self) -> int:
        """Return the number of the last line that has left; 0 if all are there."""
        return (self.lines[0].number if self.lines else self.next_number) - 1

    def parameters(self) -> dict[int, str]:
        return {line.number: line.parameters for line in self.lines}


def read(request: HttpRequest) -> History | None:
    """Return the list that a reader's browser sent; None where there is none, or it is not as we wrote it."""
    try:
        lines, next_number, notices, *typed = signing.loads(request.COOKIES[COOKIE], salt=_SALT)
        return History(tuple(Line(*line) for line in lines), next_number, tuple(notices), *typed)
    except (KeyError, TypeError, ValueError, signing.BadSignature):
        return None


def write(response: HttpResponse, history: History) -> None:
    """Send the list to the browser; what is to be said goes before its oldest lines where all has no room."""
    signed = _signed(history)
    if len(signed) > MOST_BYTES:
        signed = _signed(replace(history, notices=(), typed=""))
    response.set_cookie(
        COOKIE, signed, secure=bool(settings.SESSION_COOKIE_SECURE), httponly=True, samesite="Lax", path="/"
    )


def _signed(history: History) -> str:
    lines = [tuple(asdict(line).values()) for line in history.lines]
    return signing.dumps((lines, history.next_number, history.notices, history.typed), salt=_SALT, compress=True)


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/", samesite="Lax")


def listed(view: View) -> View:
    """Make a view of results understand `#1`, and have its searches listed for readers who keep a list."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        history = read(request)
        expanded = expansion.expand(
            request.GET, history.parameters() if history else {}, history.gone() if history else 0
        )
        if history and expanded.address:
            redirect = HttpResponseRedirect(expanded.address)
            write(redirect, replace(history, notices=expanded.notices, typed=expanded.typed[:LONGEST_TYPED]))
            patch_vary_headers(redirect, ["Cookie"])
            return redirect
        response = view(request, *arguments, **named)
        patch_vary_headers(response, ["Cookie"])
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            _add(request, response, response.context_data, history, expanded.notices)
        return response

    return wrapped


def _left(first: int, last: int) -> str:
    if first == last:
        return _("The list of your searches is full: line #%(last)d has left it.") % {"last": last}
    sentence = _("The list of your searches is full: lines #%(first)d to #%(last)d have left it.")
    return sentence % {"first": first, "last": last}


def _add(
    request: HttpRequest,
    response: HttpResponse,
    page: dict[str, Any],
    history: History | None,
    notices: tuple[str, ...],
) -> None:
    """Note a search in the list, and put onto its page what is to be said."""
    said = [*notices, *(history.notices if history else ())]
    changed = replace(history, notices=(), typed="") if history else None
    line = transactions.parameters(request.GET, "sort")
    is_first_page = request.method == "GET" and request.GET.get("page", "1") in ("", "1")
    if changed and line and is_first_page and (not changed.lines or changed.lines[-1].parameters != line):
        longer = replace(changed, typed=history.typed if history else "").with_line(line, page["stamp"].count)
        if len(_signed(longer)) <= MOST_BYTES:
            if longer.gone() > changed.gone():
                said.append(_left(changed.gone() + 1, longer.gone()))
            changed = longer
        else:
            said.append(_("This search is too long for the list in your browser; it was not added."))
    if changed and changed != history:
        write(response, changed)
    page["notices"] = [*page.get("notices", ()), *said]
