"""Makes imports for tests as the wizard would, and does what waits in the queue without a worker."""

from typing import Any

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
