"""Makes imports for tests as the wizard would, does what waits in the queue without a worker, and reads reports."""

from itertools import chain
from typing import Any

from catalogue.import_report import Report
from catalogue.jobs import imports, uploads
from catalogue.jobs.models import Import


def make_import(user: Any, content: str | bytes, name: str = "file.csv", **options: Any) -> Import:
    """Return an import whose file is there, and whose choices are made."""
    item = uploads.keep(user, name, content.encode() if isinstance(content, str) else content)
    item.options = {"format": "csv", **options}
    item.save()
    return item


def do_what_waits() -> None:
    for item in Import.objects.filter(state=Import.State.WAITING):
        imports.do(str(item.pk), lambda: False)


def warnings_of(report: Report) -> list[tuple[int, str]]:
    """Return the rows and sentences of the first remarks of each kind."""
    return sorted(chain.from_iterable(remarks.first for remarks in report.remarks.values()))
