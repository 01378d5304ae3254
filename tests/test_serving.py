"""The process that serves pages, with a small application in place of the catalogue: whom it waits for."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.environment import ROOT
from tests.processes import free_port, run_python
from tests.workers import SECONDS, wait_until

# No thread gives up a silent connection by itself.
APPLICATION = """
import pathlib, sys
from gunicorn.app.base import BaseApplication
from gunicorn.workers import gthread
from catalogue.serving import Worker

gthread.DEFAULT_WORKER_DATA_TIMEOUT = 600
port, folder = sys.argv[1], pathlib.Path(sys.argv[2])

def answer(environ, start_response):
    start_response("200 OK", [("Content-Length", "4")])
    return [b"said"]

class Server(BaseApplication):
    def load_config(self):
        values = {"bind": f"127.0.0.1:{port}", "workers": 1, "threads": 1, "worker_class": Worker,
                  "loglevel": "critical", "keepalive": 600, "graceful_timeout": 600,
                  "when_ready": lambda _: (folder / "ready").touch()}
        for name, value in values.items():
            self.cfg.set(name, value)
    def load(self):
        return answer

Server().run()
"""


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    """One process of one thread."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", APPLICATION, str(port), str(tmp_path)], cwd=ROOT)
    wait_until((tmp_path / "ready").exists)
    yield Server(port, process)
    process.terminate()
    process.wait(timeout=SECONDS)


def status(port: int) -> int:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    client.request("GET", "/")
    return client.getresponse().status


def test_connections_on_which_nobody_says_anything_take_up_no_thread(server):
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
    assert status(server.port) == 200
    silent[0].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert silent[0].recv(100).startswith(b"HTTP/1.1 200")


def test_a_server_that_stops_does_not_wait_for_those_who_say_nothing(server):
    silent = socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS)
    assert status(server.port) == 200  # and so the silent one, which came before, has been accepted
    server.process.terminate()
    assert silent.recv(1) == b""
    server.process.wait(timeout=SECONDS)


@pytest.mark.django_db(transaction=True)
def test_what_pages_need_is_loaded_before_anybody_asks_for_one():
    loaded = run_python("import sys, catalogue.wsgi; print('search.results' in sys.modules)")
    assert loaded.split()[-1] == "True"
