"""PostgreSQL refuses to run as root. Where we are root, it runs under an account of its own, made here.

For an ordinary user nothing in this module does anything.
"""

import functools
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ACCOUNT = "greyshelf"
LAST_RESORT = "nobody"


def process_options(needed: Iterable[Path]) -> dict[str, Any]:
    """Return the options of subprocess.run under which the account can run and reach the folders it needs."""
    if os.geteuid() != 0:
        return {}
    account = _account()
    for folder in needed:
        _let_pass(folder)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give(path: Path) -> None:
    """Make the account the owner of a file or folder."""
    if os.geteuid() == 0:
        account = _account()
        os.chown(path, account.pw_uid, account.pw_gid)


@functools.cache
def _account() -> pwd.struct_passwd:
    for name in (ACCOUNT, LAST_RESORT):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            if name == ACCOUNT and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
                options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
                subprocess.run([useradd, *options, ACCOUNT], check=False, capture_output=True)  # noqa: S603
                if _exists(ACCOUNT):
                    return pwd.getpwnam(ACCOUNT)
    raise PermissionError(1, "PostgreSQL does not run as root, and no other account could be made", ACCOUNT)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@functools.cache
def _let_pass(folder: Path) -> None:
    """Let others pass through (not list) every folder on the way, and read the programs where a umask forbade it."""
    for parent in (folder, *folder.parents)[1:]:
        if parent.exists():
            _add_mode(parent, stat.S_IXOTH)
    if folder.name == "bin" and not (folder / "postgres").stat().st_mode & stat.S_IXOTH:
        for path in (folder.parent, *folder.parent.rglob("*")):
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            _add_mode(path, stat.S_IROTH | (stat.S_IXOTH if executable else 0))


def _add_mode(path: Path, mode: int) -> None:
    present = path.stat().st_mode
    if present & mode != mode and not path.is_symlink():
        path.chmod(present | mode)
