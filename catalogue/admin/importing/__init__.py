"""The wizard that brings files of records in: upload, columns, trial, import, report, undo. One address an import.

`site` puts these pages into the desk. Whoever may import sees the own imports only.
"""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from catalogue.admin.importing import pages, uploading


def urls(admin_view: Callable[[Any], Any]) -> list[URLPattern]:
    return [
        path("import/", admin_view(uploading.index), name="imports"),
        path("import/begin/", admin_view(uploading.begin), name="import_begin"),
        path("import/<uuid:number>/", admin_view(pages.show), name="import"),
        path("import/<uuid:number>/piece/", admin_view(uploading.piece), name="import_piece"),
        path("import/<uuid:number>/progress/", admin_view(pages.progress), name="import_progress"),
        path("import/<uuid:number>/refused/", admin_view(pages.refused), name="import_refused"),
    ]
