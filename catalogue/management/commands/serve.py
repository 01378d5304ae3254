"""`manage.py serve`: from an empty folder to pages being served, in one command. `make run` calls it."""

import ctypes
import fcntl
import os
import secrets
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections, transaction
from django.utils.module_loading import import_string
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http import message

from catalogue import sample
from catalogue.groups import ADMINISTRATOR
from catalogue.jobs.companion import Companion
from catalogue.models import ChangeSet, Record
from catalogue.serving import Worker

LOCK_SECONDS = 15
PORT_SECONDS = 5
PR_SET_PDEATHSIG = 1
# A query of 10,000 letters is at most 120,000 bytes long as an address has it.
LONGEST_ADDRESS = 128_000
BUILDING = "Building the search index ..."


class Command(BaseCommand):
    help = "Start the catalogue: database, sample records at the first start, search index, web server, worker."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help="stop when the calling process is killed")
        parser.add_argument("--without-sample", action="store_true", help="begin with an empty catalogue")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["with_parent"]:
            _die_with_parent()
        try:
            lock = _only_one(settings.VAR_DIR)
            _check_port()
            self._prepare(options["without_sample"])
        except OSError as error:
            raise CommandError(
                f"{error.filename or settings.VAR_DIR} cannot be used: {error.strerror or error}. "
                "Correct that, or name another folder in VAR_DIR."
            ) from None
        # Printed once the port is open: whoever reads it can go there.
        Server(lambda _arbiter: self._say(f"Greyshelf is at {_address()}  (Ctrl-C stops it)")).run()
        os.close(lock)

    def _prepare(self, without_sample: bool) -> None:
        self._say("Starting the database ...")
        connection.ensure_connection()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        self._load_sample(without_sample)
        self._make_index()
        self._make_administrator()
        for wrapper in connections.all():
            wrapper.close()
            wrapper.close_pool()  # type: ignore[attr-defined] # of PostgreSQL's wrapper

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def _load_sample(self, without: bool) -> None:
        if without or ChangeSet.objects.exists() or Record.objects.exists():
            return
        self._say("Loading the sample catalogue ...")
        with transaction.atomic():
            count = sample.load(self._say)
            self._say(f"  {count:,} records in all")
            self._say(BUILDING)  # as with every save, what was saved is indexed at its commit

    def _make_index(self) -> None:
        index = import_string("search.index.catalogue")()
        unwritable = import_string("search.engine.base.IndexUnwritable")
        try:
            index.prepare(lambda: self._say(BUILDING))
        except unwritable as error:
            raise CommandError(
                f"The search index in {settings.INDEX_DIR} cannot be written: {error}. Correct that, or name another "
                "folder in VAR_DIR."
            ) from None

    def _make_administrator(self) -> None:
        accounts = get_user_model().objects
        if accounts.exists():
            return
        password = secrets.token_urlsafe(12)
        account = accounts.create_superuser("admin", password=password)
        account.groups.add(*Group.objects.filter(name=ADMINISTRATOR))
        self._say(f"\nThe cataloguing desk is at {_address()}desk/\n  name: admin\n  password: {password}")
        self._say("This password is not shown again; change it at the desk.\n")


class Server(BaseApplication):
    """gunicorn in this process, so that whatever ends this process ends the pages too."""

    def __init__(self, when_ready: Callable[[object], None]) -> None:
        self.when_ready = when_ready
        super().__init__()

    def load_config(self) -> None:
        values = {
            "bind": f"{settings.HOST}:{settings.PORT}",
            "workers": settings.WEB_WORKERS,
            "worker_class": Worker,
            "threads": settings.WEB_THREADS,
            "timeout": 120,
            "graceful_timeout": 10,
            "keepalive": 15,
            "limit_request_line": LONGEST_ADDRESS,
            "loglevel": "warning",
            "proc_name": "greyshelf",
            "when_ready": self.when_ready,
        }
        # By itself gunicorn takes no more than this, whatever its setting says.
        message.MAX_REQUEST_LINE = LONGEST_ADDRESS
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return import_string(settings.WSGI_APPLICATION)

    def run(self) -> None:
        Master(self).run()


class Master(Arbiter):
    """The process above those that serve pages; it keeps the worker of the queue beside them."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.companion = Companion()

    def manage_workers(self) -> None:
        """Called first when it starts, and then about once a second. The pages come first."""
        are_pages_served = bool(self.WORKERS)
        super().manage_workers()
        if are_pages_served:
            self.companion.keep()

    def stop(self, graceful: bool = True) -> None:
        self.companion.ask_to_stop()
        super().stop(graceful)
        self.companion.stop()


def _address() -> str:
    return settings.SITE_URL + "/" if settings.SITE_URL else f"http://{settings.HOST}:{settings.PORT}/"


def _die_with_parent() -> None:
    """Have the kernel send TERM when the parent dies, so that a killed `make` leaves no server behind (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _only_one(var_dir: Path) -> int:
    """Hold the lock that one server of a folder holds; wait a little for one that is just stopping."""
    var_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(var_dir / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                process = os.pread(lock, 20, 0).decode() or "unknown"
                raise CommandError(
                    f"Greyshelf runs already from {var_dir} (process {process}). Stop it first, or set VAR_DIR."
                ) from None
            time.sleep(0.2)
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _check_port() -> None:
    """Complain before anything is started. Workers of a killed server let go of the port within a second or two."""
    deadline = time.monotonic() + PORT_SECONDS
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    while True:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST.strip("[]"), settings.PORT))
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"Port {settings.PORT} of {settings.HOST} cannot be used: {error.strerror}. "
                        "Stop the program that holds it, or choose another: PORT=8080 make run"
                    ) from None
        time.sleep(0.25)
