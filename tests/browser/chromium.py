"""Finds the machine's Chromium. `make test` runs this module, which installs it where that can be done quietly."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "Chromium was not found: install the package chromium, and the browser tests run too."
INSTALL = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium"
# Nothing of Chromium's own traffic, which would blur what the pages ask for.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def required() -> bool:
    """Tell whether a missing browser is a failure rather than a reason to skip."""
    return os.environ.get("BROWSER", "") == "required"


def install() -> None:
    """Install Chromium, if we are root on Debian or Ubuntu."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Chromium for the browser tests ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["sh", "-c", INSTALL], env=quiet, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def main() -> int:
    if not find():
        install()
    if find():
        return 0
    print(f"*** {MISSING} They are {'required' if required() else 'SKIPPED'} now. ***", file=sys.stderr, flush=True)
    return int(required())


if __name__ == "__main__":
    sys.exit(main())
