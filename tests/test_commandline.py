"""Commands that work for minutes beside the site leave the processor to whoever waits for a page."""

import os

import pytest

from catalogue.commandline import NICENESS
from tests.environment import ROOT
from tests.processes import run_python

pytestmark = pytest.mark.django_db(transaction=True)

STEP_BACK = """
import os
from django.core.management import call_command
from catalogue.commandline import run
before = os.getpriority(os.PRIO_PROCESS, 0)
call_command({command}, stdout=open(os.devnull, "w"))
called = os.getpriority(os.PRIO_PROCESS, 0)
run(["manage.py", {command}])
print("niceness", called - before, os.getpriority(os.PRIO_PROCESS, 0) - before)
"""


@pytest.mark.parametrize(
    "command",
    [
        '"reindex"',
        '"import_records", "fixtures/sample/justice.csv", "--dry-run"',
        f'"export_records", "--format", "ris", "--output", "{os.devnull}"',
        '"read_documents"',
    ],
)
def test_long_commands_let_pages_go_first_but_not_who_calls_them_from_code(command):
    said = run_python(f"import os; os.chdir({str(ROOT)!r})\n{STEP_BACK.format(command=command)}")
    assert said.splitlines()[-1] == f"niceness 0 {min(NICENESS, 19 - os.getpriority(os.PRIO_PROCESS, 0))}"
