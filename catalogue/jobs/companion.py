"""The worker that a web server brings along: begun once pages are served, begun again when it dies, ended with it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

# A worker that lives shorter than this failed; the wait before the next one doubles each time.
SHORT_LIFE = 10.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
STOP_SECONDS = 8.0


class Companion:
    """One `manage.py work` as a child of this process. `keep` is called about once a second."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0.0
        self._wait = FIRST_WAIT
        self._not_before = 0.0

    def keep(self) -> None:
        """Start the worker where none runs, in good time after the last one."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
            failed = time.monotonic() - self._begun < SHORT_LIFE
            self._wait = min(self._wait * 2, LONGEST_WAIT) if failed else FIRST_WAIT
            self._not_before = time.monotonic() + self._wait
        if self._process is None and time.monotonic() >= self._not_before:
            self._start()

    def _start(self) -> None:
        # In a session of its own: Ctrl-C reaches the server, and the server ends it.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "work", "--parent", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._begun = time.monotonic()

    def ask_to_stop(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """Return once the worker has ended; kill it where it does not end by itself."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
