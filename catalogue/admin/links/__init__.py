"""Link care at the desk: the worklist of addresses, one address, checks by hand, and replacing addresses.

`site` puts these pages into the desk. Whoever may change records may use them.
"""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from catalogue.admin.guards import CHANGE as RIGHT
from catalogue.admin.links import replacing, run_pages, worklist

__all__ = ["RIGHT", "urls"]


def urls(admin_view: Callable[[Any], Any]) -> list[URLPattern]:
    return [
        path("links/", admin_view(worklist.show), name="links"),
        path("links/<int:number>/", admin_view(worklist.show_one), name="link"),
        path("links/do/", admin_view(worklist.do), name="links_do"),
        path("links/replace/", admin_view(replacing.replace), name="links_replace"),
        path("links/take-over/", admin_view(replacing.take_over), name="links_take_over"),
        path("links/run/", admin_view(run_pages.begin), name="link_run_begin"),
        path("links/run/<int:number>/", admin_view(run_pages.show), name="link_run"),
        path("links/run/<int:number>/progress/", admin_view(run_pages.progress), name="link_run_progress"),
    ]
