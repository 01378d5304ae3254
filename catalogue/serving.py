"""The processes that serve pages: gunicorn's worker with threads, its requests spread over all processes alike."""

import selectors
import time
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker


class Worker(ThreadWorker):
    """Takes no more than it has threads for, so that what comes next goes to a process that has one free.

    A client that is kept alive stays with its process: by itself one may have fourteen of sixteen clients, and use one
    core, while the other process waits. So where requests wait for a thread, connections are closed after their answer
    and the client's next request goes wherever there is room.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most_kept_alive = self.worker_connections - self.cfg.threads

    @property
    def free_threads(self) -> int:
        """How many threads have nothing to do; below 0, how many requests wait for one."""
        return int(self.cfg.threads) - (self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Called in turns as long as the process lives, and after that until the last answer is given."""
        if self.alive:
            self.set_accept_enabled(self.free_threads > 0 and self.nr_conns < self.worker_connections)
        else:
            for conn in self.pending_conns:
                conn.timeout = 0  # who says nothing now is not waited for
        self.max_keepalived = self.most_kept_alive if self.free_threads >= 0 else 0
        super().wait_for_and_dispatch_events(timeout)

    def enqueue_req(self, conn: TConn) -> None:
        """Have a thread read a request; a connection that nobody has said anything on yet takes up none."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
