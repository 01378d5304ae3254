"""The public addresses. They are cited and bookmarked: they never change."""

from django.urls import path, re_path

from search import aids, exports, feeds, history_pages, kept_pages, printing, sitemaps, views

ENDINGS = tuple(exports.FORMATS)

urlpatterns = [
    path("", views.search_form, name="form"),
    path("search", views.search_results, name="results"),
    path("search/print", printing.search_print, name="print"),
    path("search.atom", feeds.search_feed, name="feed"),
    *(path(f"search.{one}", exports.search_export, {"ending": one}, f"export-{one}") for one in ENDINGS),
    path("search/facet/<slug:name>", views.facet_values, name="facet"),
    path("records/<int:number>", views.record, name="record"),
    path("records/<int:number>/documents/<uuid:key>", views.document, name="document"),
    *(
        path(f"records/<int:number>.{ending}", views.record, {"ending": ending}, f"record-{ending}")
        for ending in ENDINGS
    ),
    path("records/print", printing.ticked_print, name="ticked-print"),
    *(path(f"records.{one}", exports.ticked_export, {"ending": one}, f"ticked-{one}") for one in ENDINGS),
    path("searches/keep", kept_pages.keep, name="keep"),
    path("searches/<slug:code>", kept_pages.show, name="kept"),
    path("searches/<slug:code>.atom", kept_pages.feed, name="kept-feed"),
    path("searches/<slug:code>/changes.csv", kept_pages.changes_table, name="kept-changes"),
    re_path(r"^searches/(?P<code>[-\w]+)/report\.(?P<kind>txt|csv)$", kept_pages.report, name="kept-report"),
    path("history", history_pages.show, name="history"),
    path("history/combine", history_pages.combine, name="history-combine"),
    re_path(r"^history/log\.(?P<kind>txt|csv)$", history_pages.log, name="history-log"),
    path("complete/<slug:name>", aids.complete, name="complete"),
    path("browse", aids.browse_overview, name="browse"),
    path("browse/<slug:slug>", aids.browse_list, name="browse_list"),
    path("help", aids.help_page, name="help"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sitemap.xml", sitemaps.index, name="sitemaps"),
    path("sitemap-<int:number>.xml", sitemaps.sitemap, name="sitemap"),
]
