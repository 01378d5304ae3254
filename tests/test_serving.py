"""The processes that serve pages, with a small application in place of the catalogue: who gets which request."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.environment import ROOT
from tests.processes import free_port

# An answer to /held is not given before the file `go` is there. Nobody gives up a silent connection by itself.
APPLICATION = """
import os, pathlib, sys, time
from gunicorn.app.base import BaseApplication
from gunicorn.workers import gthread
from catalogue.serving import Worker

gthread.DEFAULT_WORKER_DATA_TIMEOUT = 600
port, workers, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])

def answer(environ, start_response):
    if environ["PATH_INFO"] == "/held":
        (folder / "held").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
    body = str(os.getpid()).encode()
    if environ["PATH_INFO"] == "/broken":
        start_response("200 OK", [("Content-Length", "1000000")])
        return broken(body)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

def broken(body):
    yield body
    raise RuntimeError

class Told(Worker):
    def handle_exit(self, sig, frame):
        super().handle_exit(sig, frame)
        (folder / "stopping").touch()

class Server(BaseApplication):
    def load_config(self):
        values = {"bind": f"127.0.0.1:{port}", "workers": workers, "threads": 1, "worker_class": Told,
                  "loglevel": "critical", "keepalive": 600, "graceful_timeout": 600,
                  "when_ready": lambda _: (folder / "ready").touch()}
        for name, value in values.items():
            self.cfg.set(name, value)
    def load(self):
        return answer

Server().run()
"""
SECONDS = 60


def wait_for(path: Path) -> None:
    subprocess.run(["timeout", str(SECONDS), "sh", "-c", f"until [ -e {path} ]; do sleep 0.02; done"], check=True)


@dataclass
class Serve:
    """Starts a server of so many processes with one thread each, and says its port."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def __call__(self, workers: int) -> int:
        port = free_port()
        command = [sys.executable, "-c", APPLICATION, str(port), str(workers), str(self.folder)]
        self.process = subprocess.Popen(command, cwd=ROOT)
        wait_for(self.folder / "ready")
        return port


@pytest.fixture
def serve(tmp_path) -> Iterator[Serve]:
    server = Serve(tmp_path)
    yield server
    (tmp_path / "go").touch()
    if server.process:
        server.process.terminate()
        server.process.wait(timeout=SECONDS)


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)


def get(client: http.client.HTTPConnection, path: str = "/") -> http.client.HTTPResponse:
    client.request("GET", path)
    return read(client)


def read(client: http.client.HTTPConnection) -> http.client.HTTPResponse:
    answer = client.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    return answer


def test_connections_on_which_nobody_says_anything_take_up_no_thread(serve):
    port = serve(1)
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    assert get(connect(port)).status == 200
    silent[0].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert silent[0].recv(100).startswith(b"HTTP/1.1 200")


def test_a_server_that_stops_does_not_wait_for_those_who_say_nothing(serve):
    port = serve(1)
    silent = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    assert get(connect(port)).status == 200  # and so the silent one, which came before, has been accepted
    serve.process.terminate()
    assert silent.recv(1) == b""
    serve.process.wait(timeout=SECONDS)


def test_what_comes_while_a_process_is_busy_goes_to_another(serve, tmp_path):
    port = serve(2)
    held = connect(port)
    held.request("GET", "/held")
    wait_for(tmp_path / "held")
    others = {get(connect(port)).body for _ in range(20)}
    (tmp_path / "go").touch()
    assert others.isdisjoint({read(held).body})


def test_answers_that_break_off_count_for_nothing_afterwards(serve, tmp_path):
    port = serve(2)
    for _ in range(8):
        with pytest.raises(http.client.IncompleteRead):
            get(connect(port), "/broken")
    held = connect(port)
    held.request("GET", "/held")
    wait_for(tmp_path / "held")
    others = {get(connect(port)).body for _ in range(20)}
    (tmp_path / "go").touch()
    assert others.isdisjoint({read(held).body})


def test_what_has_come_before_the_end_is_answered(serve, tmp_path):
    port = serve(1)
    held, *waiting = (connect(port) for _ in range(5))
    held.request("GET", "/held")
    wait_for(tmp_path / "held")
    for client in waiting:
        client.request("GET", "/")
    serve.process.terminate()
    wait_for(tmp_path / "stopping")
    (tmp_path / "go").touch()
    assert [read(client).status for client in (held, *waiting)] == [200] * 5
