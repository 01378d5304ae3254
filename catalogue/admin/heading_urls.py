"""The addresses of what can be done in one authority file beside its list and forms."""

from collections.abc import Callable
from functools import partial

from django.contrib.admin import ModelAdmin
from django.http import HttpResponse
from django.urls import URLPattern, path

from catalogue.admin.heading_lists import near, show_tree
from catalogue.admin.heading_merging import merge
from catalogue.admin.heading_skos import bring, export
from catalogue.admin.heading_splitting import split
from catalogue.authorities.files import FILES
from catalogue.authorities.skos import PLURALS

View = Callable[..., HttpResponse]


def urls(desk: ModelAdmin) -> list[URLPattern]:
    file = FILES[str(desk.opts.model_name)]
    views: list[tuple[str, str, View]] = [
        ("merge/", "merge", merge),
        ("near/", "near", near),
        ("<int:number>/split/", "split", split),
    ]
    if file.has_tree:
        views.append(("tree/", "tree", show_tree))
    views += [("skos/", "skos", bring), (f"skos/{PLURALS[file.name]}.<slug:ending>", "skos_file", export)]
    return [
        path(address, desk.admin_site.admin_view(partial(view, desk)), name=f"catalogue_{file.name}_{name}")
        for address, name, view in views
    ]
