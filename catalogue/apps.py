from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class Catalogue(AppConfig):
    name = "catalogue"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from catalogue.people import sessions

        post_migrate.connect(_make_groups, sender=self)
        sessions.connect()


class AdminSite(AdminConfig):
    default_site = "catalogue.admin.site.CataloguingDesk"


def _make_groups(**_signal: Any) -> None:
    from catalogue.groups import make_groups

    make_groups()
