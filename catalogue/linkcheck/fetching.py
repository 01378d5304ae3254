"""Asks a server once, within bounds: seconds, bytes of headers and of the body. Redirects are not followed here."""

import functools
import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from threading import Event, Timer

from django.utils.translation import gettext as _
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse

from catalogue.linkcheck import networks
from catalogue.linkcheck.networks import Network, Resolver, Target

# Of the numbers of a host, so many are tried.
MOST_TRIED = 3
LONGEST_MEDIA_TYPE = 100
READABLE = ("text/", "application/xhtml", "application/xml")
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)


class Why(Enum):
    """Why there was no answer."""

    HOST = "host"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    TIME = "time"
    BROKEN = "broken"
    CIRCLE = "circle"
    ROBOTS = "robots"


class NoAnswer(Exception):
    """The server could not be asked, or made no sense. The message says so in a sentence."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True)
class Limits:
    connect_seconds: float = 10.0
    # For all of one question, so that a server which sends a letter a minute holds nobody up.
    seconds: float = 30.0
    body: int = 64 * 1024
    redirects: int = 10


@functools.cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True)
class Web:
    """How the world is reached: under which name, within which bounds, and into which private networks."""

    agent: str
    allowed: Sequence[Network] = ()
    limits: Limits = Limits()
    resolver: Resolver = networks.look_up
    certificates: ssl.SSLContext = field(default_factory=_context)
    # What is wanted; where it is named, it is read whatever the server calls it.
    accept: str = "*/*"


@dataclass(frozen=True)
class Answer:
    """What a server said. `body` is read of texts alone, and of those the beginning."""

    target: Target
    status: int
    location: str = ""
    retry_after: str = ""
    media_type: str = ""
    body: bytes = b""

    @property
    def is_redirect(self) -> bool:
        return self.status in REDIRECTS and bool(self.location)

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_text(self) -> bool:
        return not self.media_type or self.media_type.startswith(READABLE)


def ask(web: Web, target: Target, method: str) -> Answer:
    """Ask for one address. Raises NotAllowed and NoAnswer."""
    try:
        found = networks.numbers(target, web.resolver, web.allowed)
    except networks.NoSuchHost as problem:
        raise NoAnswer(Why.HOST, str(problem)) from None
    last: NoAnswer | None = None
    for number in found[:MOST_TRIED]:
        try:
            return _ask(web, target, number, method)
        except NoAnswer as problem:
            if problem.why is not Why.CONNECTION:
                raise
            last = last or problem
    assert last is not None  # noqa: S101 - there is a number at least
    raise last


def _ask(web: Web, target: Target, number: str, method: str) -> Answer:
    connection = _connection(web, target, number)
    try:
        connection.connect()
        with _within(web.limits.seconds, connection.sock) as is_over:
            try:
                connection.request(method, target.path, headers=_headers(web, target), preload_content=False)
                response = connection.getresponse()
            except Exception as error:
                if is_over.is_set():
                    raise TimeoutError from error
                raise
            if is_over.is_set():  # its headers were cut off in their midst
                raise TimeoutError
            return _answer(web, target, method, response)
    except (OSError, http.client.HTTPException, exceptions.HTTPError, ValueError) as error:
        raise _no_answer(error, target) from error
    finally:
        connection.close()


def _connection(web: Web, target: Target, number: str) -> HTTPConnection:
    """Return a connection to the number that was checked; the name is only told to the server."""
    if target.scheme == "http":
        return HTTPConnection(number, target.port, timeout=web.limits.connect_seconds)
    return HTTPSConnection(
        number,
        target.port,
        timeout=web.limits.connect_seconds,
        server_hostname=target.host,
        ssl_context=web.certificates,
    )


def _headers(web: Web, target: Target) -> dict[str, str]:
    return {
        "Host": target.authority,
        "User-Agent": web.agent,
        "Accept": web.accept,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


@contextmanager
def _within(seconds: float, connected: socket.socket) -> Iterator[Event]:
    """Cut a connection off when its time is over: a timeout of a socket begins anew with every byte."""
    is_over = Event()

    def end() -> None:
        is_over.set()
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _answer(web: Web, target: Target, method: str, response: BaseHTTPResponse) -> Answer:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()[:LONGEST_MEDIA_TYPE]
    retry_after = response.headers.get("Retry-After", "").strip()
    answer = Answer(target, response.status, _location(response), retry_after, media_type)
    if method == "HEAD" or answer.is_redirect or not (answer.is_text or web.accept != "*/*"):
        return answer
    return Answer(target, answer.status, "", answer.retry_after, media_type, _beginning(response, web.limits.body))


def _location(response: BaseHTTPResponse) -> str:
    """Return where a redirect leads. Servers that send other letters than ASCII mean UTF-8, as browsers read it."""
    location = response.headers.get("Location", "").strip()
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location


def _beginning(response: BaseHTTPResponse, most: int) -> bytes:
    """Return the beginning of a body; of one that breaks off, what came."""
    pieces, left = [], most
    with suppress(OSError, http.client.HTTPException, exceptions.HTTPError):
        while left > 0 and (piece := response.read(min(left, 8192))):
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)


def _no_answer(error: Exception, target: Target) -> NoAnswer:
    """Return in a sentence what went wrong."""
    host = {"host": target.host}
    if isinstance(error, ssl.SSLCertVerificationError):
        sentence = _("The certificate of “%(host)s” is not valid: %(reason)s.")
        return NoAnswer(Why.CERTIFICATE, sentence % {**host, "reason": error.verify_message or error.reason})
    if isinstance(error, exceptions.NewConnectionError | exceptions.ConnectTimeoutError):
        return NoAnswer(Why.CONNECTION, _("“%(host)s” accepts no connection.") % host)
    if isinstance(error, TimeoutError | exceptions.TimeoutError):
        return NoAnswer(Why.TIME, _("“%(host)s” did not answer in time.") % host)
    if isinstance(error, ssl.SSLError):
        return NoAnswer(Why.CERTIFICATE, _("No secure connection to “%(host)s” could be made.") % host)
    return NoAnswer(
        Why.BROKEN, _("“%(host)s” broke the connection off, or answered in a way that makes no sense.") % host
    )
