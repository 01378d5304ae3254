"""The index folder of this machine: generations of the index, the note of how far the current one has read, locks.

index/state.json      which generation is current, and up to which change of the database it has read
index/<generation>/   the engine's files; a rebuild makes a new one beside the old and swaps the note
index/writing.lock    whoever changes the current generation holds it; whoever waits for it holds writing.waiting
index/rebuilding.lock whoever makes a new generation holds it
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from search.engine.base import IndexUnusable, IndexUnwritable


@dataclass(frozen=True)
class State:
    """How far a generation has read the database's notes of changes (catalogue.models.Touch).

    All notes of transactions before `horizon` are in, and of later ones those in `seen`. `database` and `anchor`
    (number and mark of a note) tell whether it is still the same database, neither restored nor replaced.
    """

    format: int
    generation: str
    database: str
    horizon: int
    seen: tuple[int, ...] = ()
    anchor: tuple[int, str] | None = None


class Generations:
    """The generations of the index in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state_file = folder / "state.json"

    def path(self, state: State) -> Path:
        return self.folder / state.generation

    def new_name(self) -> str:
        return f"{int(time.time())}-{secrets.token_hex(4)}"

    def stamp(self) -> tuple[int, int] | None:
        """Return what changes whenever the state file is replaced, or None where there is none."""
        try:
            found = self.state_file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def read_state(self) -> State:
        """Return the note on the current generation. Raises IndexUnusable where there is none that makes sense."""
        try:
            values = json.loads(self.state_file.read_bytes())
            anchor = values["anchor"]
            return State(
                format=int(values["format"]),
                generation=str(values["generation"]),
                database=str(values["database"]),
                horizon=int(values["horizon"]),
                seen=tuple(int(number) for number in values["seen"]),
                anchor=(int(anchor[0]), str(anchor[1])) if anchor else None,
            )
        except (OSError, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise IndexUnusable(f"{self.state_file}: {error}") from error

    def write_state(self, state: State) -> None:
        """Replace the note in one step, durably. Raises IndexUnwritable; the old note is whole then."""
        draft = self.state_file.with_suffix(f".{os.getpid()}")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(asdict(state), file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.state_file)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise IndexUnwritable(f"{error.strerror} ({self.state_file})") from error

    def remove_others(self, state: State) -> None:
        """Delete all generations but the current. Readers that have one open keep it until they close it."""
        for path in self.folder.iterdir():
            if path.is_dir() and path.name != state.generation:
                shutil.rmtree(path, ignore_errors=True)

    @contextlib.contextmanager
    def locked(self, name: str, seconds: float | None = None) -> Iterator[bool]:
        """Hold a lock of the folder, of all processes and threads; yield False where it was not free in time.

        Without `seconds` it waits for as long as it takes. Raises IndexUnwritable where the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexUnwritable(f"{error.strerror} ({self.folder})") from error
        with self._file(f"{name}.lock") as lock:
            with self._file(f"{name}.waiting") as waiting:
                fcntl.flock(waiting, fcntl.LOCK_SH)
                held = _acquire(lock, seconds)
            yield held

    def wanted(self, name: str) -> bool:
        """Tell whether anybody waits for a lock of the folder."""
        with self._file(f"{name}.waiting") as waiting:
            return not _acquire(waiting, 0)

    @contextlib.contextmanager
    def _file(self, name: str) -> Iterator[int]:
        try:
            file = os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise IndexUnwritable(f"{error.strerror} ({self.folder})") from error
        try:
            yield file
        finally:
            os.close(file)


def _acquire(lock: int, seconds: float | None) -> bool:
    if seconds is None:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return True
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.005)
