"""The worker: one process beside the web server that does what lies in the queue. `manage.py work` runs it.

Whoever holds the lock of VAR_DIR is its one worker. So a worker that begins knows that every job which its queue shows
as being done was cut off by a kill, and takes it up again without waiting for anybody's heartbeat to fail.
"""

import asyncio
import fcntl
import os
import signal
import sys
import threading
import time
from pathlib import Path

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from catalogue.commandline import let_pages_go_first
from catalogue.jobs import tasks, uploads
from catalogue.jobs.queue import ANYWHERE, app

# A worker that a server brings along may find the last one still ending.
LOCK_SECONDS = 15
PARENT_SECONDS = 0.5
# Who waits for a lock is not told when it is free.
LOOK_SECONDS = 1.0
# An import is one job, a run of link checks another, and something that is quick can be done beside them.
AT_ONCE = 3


class WorkerRefused(Exception):
    """The worker cannot begin. The message says why, and what to do."""


def work(parent: int | None = None) -> None:
    """Do jobs until a signal comes or, where it is given, the parent process is gone. Raises WorkerRefused."""
    # Until the queue listens to signals itself: an exit gives the embedded database up, a signal does not.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lock = _only_one(settings.VAR_DIR, 0 if parent is None else LOCK_SECONDS)
    # Before anything can end this process: of a killed server it may be the only one left to stop the database.
    let_pages_go_first()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if not app.check_connection():
        raise WorkerRefused("The tables are not there yet. Start the catalogue first, or run “manage.py migrate”.")
    tasks.take_up_again(uploads.place())
    uploads.remove_old()
    connection.close()
    asyncio.run(_work())
    os.close(lock)


async def _work() -> None:
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=AT_ONCE + 2)
    with app.replace_connector(connector) as own:
        async with own.open_async():
            await own.run_worker_async(
                queues=[uploads.place(), ANYWHERE],
                concurrency=AT_ONCE,
                fetch_job_polling_interval=LOOK_SECONDS,
                shutdown_graceful_timeout=0,
                delete_jobs="successful",
            )


def _only_one(var_dir: Path, seconds: float) -> int:
    """Hold the lock that the one worker of a folder holds; wait so long for one that is just stopping."""
    var_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(var_dir / "worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                process = os.pread(lock, 20, 0).decode() or "unknown"
                raise WorkerRefused(
                    f"A worker runs already for {var_dir} (process {process}); “make run” brings one along."
                ) from None
            time.sleep(0.2)
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _end_with(parent: int) -> None:
    """End this process, as a signal would, once its parent is gone: a killed server leaves no worker behind."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
