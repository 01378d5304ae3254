"""The processes that serve pages: gunicorn's worker with threads, none of them held by connections that say nothing."""

import selectors
import time
from functools import partial

from gunicorn.workers.gthread import TConn, ThreadWorker


class Worker(ThreadWorker):
    """Gives a connection a thread once somebody has said something on it.

    By itself gunicorn has a thread wait five seconds for the first byte of each. Browsers connect ahead of what they
    may ask for, and a handful of them would stop a site with a handful of threads.
    """

    def enqueue_req(self, conn: TConn) -> None:
        """Have a thread read a request; wait without one for the first of a connection."""
        if conn.initialized or conn.data_ready:
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
