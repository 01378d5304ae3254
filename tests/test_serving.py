"""The process that serves pages, with a small application in place of the catalogue: whom it waits for."""

import http.client
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.environment import ROOT
from tests.processes import free_port, run_python
from tests.workers import SECONDS, wait_until

# No thread gives up a silent connection by itself.
APPLICATION = """
import os, pathlib, sys, time
from gunicorn.app.base import BaseApplication
from gunicorn.workers import gthread
from catalogue.serving import Worker

gthread.DEFAULT_WORKER_DATA_TIMEOUT = 600
port, folder, processes = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])

def answer(environ, start_response):
    while environ["PATH_INFO"] == "/held" and not (folder / "go").exists():
        time.sleep(0.01)
    said = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(said)))])
    return [said]

class Server(BaseApplication):
    def load_config(self):
        values = {"bind": f"127.0.0.1:{port}", "workers": processes, "threads": 1, "worker_class": Worker,
                  "loglevel": "critical", "keepalive": 600, "graceful_timeout": 600,
                  "post_worker_init": lambda worker: (folder / f"{worker.pid}.ready").touch()}
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
    folder: Path


@pytest.fixture(params=[1])
def server(tmp_path, request) -> Iterator[Server]:
    """As many processes as a test asks for, of one thread each."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", APPLICATION, str(port), tmp_path, str(request.param)], cwd=ROOT)
    wait_until(lambda: len([*tmp_path.glob("*.ready")]) == request.param)
    yield Server(port, process, tmp_path)
    process.terminate()
    process.wait(timeout=SECONDS)


def ask(port: int, path: str = "/") -> http.client.HTTPConnection:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    client.request("GET", path)
    return client


def status(port: int) -> int:
    return ask(port).getresponse().status


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


@pytest.mark.parametrize("server", [2], indirect=True)
def test_those_who_come_together_are_shared_out_among_the_processes(server):
    clients = [ask(server.port, "/held") for _ in range(20)]
    (server.folder / "go").touch()
    answered_by = Counter(client.getresponse().read() for client in clients)
    assert len(answered_by) == 2
    assert min(answered_by.values()) >= 5


@pytest.mark.django_db(transaction=True)
def test_what_pages_need_is_loaded_before_anybody_asks_for_one():
    loaded = run_python("import sys, catalogue.wsgi; print('search.results' in sys.modules)")
    assert loaded.split()[-1] == "True"
