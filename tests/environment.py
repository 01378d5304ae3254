"""Sets the environment of a test run before Django reads its settings: a folder of its own, no server of the user's."""

import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Folders of tests lie in memory where there is room: on a slow disk a site answers late, which looks as if it hung.
MEMORY = Path("/dev/shm")  # noqa: S108 - tempfile makes the folders
ROOM = 4 << 30
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# The tests' own folder, and with it their own embedded server; DATABASE_URL, where it is set, is what is tested.
os.environ["VAR_DIR"] = str(ROOT / "var" / "tests")
for name in ("SITE_URL", "DEBUG", "PORT", "HOST", "ALLOWED_HOSTS", "LIBRARY_NAME", "LIBRARY_DESCRIPTION", "TIME_ZONE"):
    os.environ.pop(name, None)
for name in ("LINK_CHECK", "LINK_CHECK_NETWORKS", "LINK_CHECK_A_NIGHT"):
    os.environ.pop(name, None)
