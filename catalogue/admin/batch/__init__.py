"""The desk's pages of batch edits: begin with a selection, choose steps, preview, do, see what came of it.

`site` puts these pages into the desk. Whoever may change records sees the own batch edits only.
"""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from catalogue.admin.batch import beginning, pages


def urls(admin_view: Callable[[Any], Any]) -> list[URLPattern]:
    return [
        path("batch/begin/", admin_view(beginning.begin), name="batch_begin"),
        path("batch/<uuid:number>/", admin_view(pages.show), name="batch_edit"),
        path("batch/<uuid:number>/progress/", admin_view(pages.progress), name="batch_progress"),
    ]
