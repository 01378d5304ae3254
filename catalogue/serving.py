"""The processes that serve pages: gunicorn's worker with threads, its requests spread over all processes alike."""

import selectors
import time
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker


class Worker(ThreadWorker):
    """Takes no new connection while all its threads are busy, so that it goes to a process that has one free.

    By itself gunicorn takes whatever comes. A client that is kept alive stays with its process; so one process may have
    fourteen of sixteen clients, and use one core, while the other waits.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.busy = 0  # requests that have a thread, or wait for one
        self.has_taken_the_last = False

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Called in turns as long as the process lives, and after that until the last answer is given."""
        if self.alive:
            self.set_accept_enabled(self.busy < self.cfg.threads and self.nr_conns < self.worker_connections)
        else:
            self._end_waiting()
        super().wait_for_and_dispatch_events(timeout)

    def _end_waiting(self) -> None:
        """Take what has come while no thread was free, once; who says nothing in this turn is not waited for."""
        for listener in self.sockets if not self.has_taken_the_last else ():
            before = -1
            while before < self.nr_conns < self.worker_connections:
                before = self.nr_conns
                self.accept(listener)
        self.has_taken_the_last = True
        for conn in self.pending_conns:
            conn.timeout = 0

    def enqueue_req(self, conn: TConn) -> None:
        """Have a thread read a request; a connection that nobody has said anything on yet takes up none."""
        if conn.initialized or conn.data_ready:
            self.busy += 1
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        self.busy -= 1
        super().finish_request(conn, fs)
