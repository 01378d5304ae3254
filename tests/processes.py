"""Starts real processes for tests: Python code against the test's own database and index, whole sites, servers."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from tests.environment import ROOT

PREAMBLE = "import django; django.setup()\n"


def database_url() -> str:
    """Return the address of the database that this test uses."""
    parts = connection.get_connection_params()
    user = f"{quote(parts['user'])}:{quote(parts.get('password', ''))}"
    where = urlencode({key: parts[key] for key in ("host", "port") if parts.get(key)})
    return f"postgresql://{user}@/{parts['dbname']}?{where}"


def environment(**variables: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "catalogue.settings",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(Path(settings.INDEX_DIR).parent),
        **variables,
    }


def start_python(code: str, **variables: str) -> subprocess.Popen[str]:
    """Start a process that runs code in the application, on this test's database and index."""
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code],
        env=environment(**variables),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_python(code: str, **variables: str) -> str:
    """Run code in a process of its own and return what it printed; fails unless it ends well."""
    process = start_python(code, **variables)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
