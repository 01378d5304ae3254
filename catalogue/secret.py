"""Keeps the secret key of this installation: made once, readable by its owner alone."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key


def kept_key(path: Path) -> str:
    """Return the key in the file, making it first where there is none.

    Raises ImproperlyConfigured where the file can be neither read nor written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, get_random_secret_key())
        key = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key cannot be kept in {path}: {error.strerror}. Make the folder writable, or name another "
            "one in VAR_DIR."
        ) from None
    if len(key) < 50:
        raise ImproperlyConfigured(f"The secret key in {path} is too short; delete the file, and a new one is made.")
    return key


def _write_once(path: Path, key: str) -> None:
    """Write the key whole or not at all: of two processes that start together, the first wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(key, encoding="utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
