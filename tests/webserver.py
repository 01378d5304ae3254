"""A web server for tests of link care, on this machine: honest, rude, slow, endless or lying, as each test wants it."""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from catalogue.linkcheck.checking import Checker
from catalogue.linkcheck.fetching import Limits, Web
from catalogue.linkcheck.pacing import Clock

HERE = Path(__file__).parent
CERTIFICATE = HERE / "docs.example.pem"
LOOPBACK = (ip_network("127.0.0.0/8"),)
# Real seconds of a test that waits for a server which never ends.
SOON = 0.4

Send = Callable[[bytes], None]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]

    @property
    def host(self) -> str:
        return self.headers.get("host", "").partition(":")[0]


def reply(status: int = 200, body: str | bytes = "", **headers: str) -> bytes:
    """Return a whole answer; `Content_Type="text/html"` is a header."""
    content = body.encode() if isinstance(body, str) else body
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("Content-Length", str(len(content)))
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} Something\r\n{lines}\r\n".encode() + content


def html(title: str, text: str = "", status: int = 200, **headers: str) -> bytes:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    return reply(status, page, Content_Type="text/html; charset=utf-8", **headers)


def pdf() -> bytes:
    return reply(200, b"%PDF-1.4 ...", Content_Type="application/pdf")


@dataclass
class Server:
    """Answers each path as told. What is a function is given what was asked, and may send piece by piece."""

    paths: dict[str, Any] = field(default_factory=dict)
    # What is said of every other path.
    otherwise: Any = field(default_factory=lambda: reply(404))
    is_secure: bool = False
    number: str = "127.0.0.1"
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._listening = socket.create_server((self.number, 0))
        self.port = self._listening.getsockname()[1]
        Thread(target=self._listen, daemon=True).start()

    def url(self, path: str, host: str = "docs.example") -> str:
        return f"http{'s' * self.is_secure}://{host}:{self.port}{path}"

    def paths_asked(self, method: str = "") -> list[str]:
        return [one.path for one in self.asked if not method or one.method == method]

    def close(self) -> None:
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _peer = self._listening.accept()
                self.connections += 1
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            if self.is_secure:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(CERTIFICATE)
                connection = context.wrap_socket(connection, server_side=True)
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4096)
            if not piece:
                return
            head += piece
            if head.startswith(b"\x16"):  # the beginning of a secure connection
                connection.sendall(reply(400))
                return
        lines = head.decode("latin-1").split("\r\n")
        method, path, _version = lines[0].split(" ")
        headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines[1:] if line)}
        asked = Asked(method, path, headers)
        with self._lock:
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self.paths.get(path, self.otherwise)
            answer = answer(asked, connection.sendall) if callable(answer) else answer
        finally:  # before the answer is there: who has it may ask the next thing at once
            with self._lock:
                self.at_once -= 1
        if answer is not None:
            connection.sendall(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else answer)


class FakeTime:
    """Time that passes at once where somebody waits for it."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits: list[float] = []
        self._lock = Lock()

    @property
    def clock(self) -> Clock:
        return Clock(self.now, lambda: self.passed, self.sleep)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self.passed += seconds

    def pass_days(self, days: float) -> None:
        self.passed += days * 24 * 3600


def resolve(host: str, port: int) -> list[str]:
    """Every host of the tests is this machine, but those that are nowhere."""
    if host.endswith(".nowhere"):
        raise socket.gaierror(socket.EAI_NONAME, "no such host")
    return [host if host[0].isdigit() else "127.0.0.1"]


def make_web(**options: Any) -> Web:
    given = {"allowed": LOOPBACK, "resolver": resolve, "limits": Limits(2.0, 5.0), **options}
    return Web("Greyshelf/test link check (+https://catalogue.example.org)", **given)


def make_checker(time: FakeTime | None = None, **options: Any) -> Checker:
    return Checker(make_web(**options), (time or FakeTime()).clock)
