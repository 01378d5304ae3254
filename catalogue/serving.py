"""The processes that serve pages: gunicorn's worker with threads, none of them held by connections that say nothing."""

import itertools
import selectors
import socket
import time
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# For each connection that waits for a thread, in seconds: long enough for another process to wake up.
MOMENT = 0.0005
MOST_MOMENTS = 16
JUST_NOW = 0.05


class Worker(ThreadWorker):
    """Gives a connection a thread once somebody has said something on it, and leaves new ones to those who have time.

    By itself gunicorn has a thread wait five seconds for the first byte of each. Browsers connect ahead of what they
    may ask for, and a handful of them would stop a site with a handful of threads. And of clients that come together
    the process that wakes up first takes all, and keeps them as long as they stay connected.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = 0

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection. The more work waits here, the longer it is left to the other processes first."""
        # Who has only just connected is about to ask; who has been silent for longer asks nothing for now.
        since = time.monotonic() + self.cfg.keepalive - JUST_NOW
        fresh = itertools.takewhile(lambda conn: conn.timeout > since, reversed(self.pending_conns))
        waiting = self.asked + sum(1 for _conn in fresh) - self.cfg.threads
        if waiting >= 0:
            time.sleep(min(waiting + 1, MOST_MOMENTS) * MOMENT)
        super().accept(listener)

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Called once the thread of a request is free again."""
        self.asked -= 1
        super().finish_request(conn, fs)

    def enqueue_req(self, conn: TConn) -> None:
        """Have a thread read a request; wait without one for the first of a connection."""
        if conn.initialized or conn.data_ready:
            self.asked += 1
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Called in turns as long as the process lives, and after that until the last answer is given."""
        if not self.alive:
            for conn in self.pending_conns:
                conn.timeout = 0  # who says nothing in this turn is not waited for
        super().wait_for_and_dispatch_events(timeout)
