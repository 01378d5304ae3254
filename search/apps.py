from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Search(AppConfig):
    name = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        from catalogue.changes import records_changed
        from search.index import follow_changes

        records_changed.connect(follow_changes, dispatch_uid="search.index")
