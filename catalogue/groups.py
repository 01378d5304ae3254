"""The groups of people who work at the desk, and what each may do."""

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

CATALOGUER, ADMINISTRATOR = "Cataloguer", "Administrator"

_HEADINGS = ("author", "keyword", "country")
_VARIANTS = ("authorvariant", "keywordvariant", "countryvariant")
_LINKS = ("recordauthor", "recordkeyword", "recordidentifier")

RIGHTS = {
    CATALOGUER: [
        *(f"{verb}_{name}" for name in ("record", *_HEADINGS) for verb in ("view", "add", "change")),
        *(f"{verb}_{name}" for name in (*_VARIANTS, *_LINKS) for verb in ("view", "add", "change", "delete")),
        "view_changeset",
        "view_change",
    ],
    ADMINISTRATOR: [
        *(
            f"{verb}_{name}"
            for name in ("record", *_HEADINGS, *_VARIANTS, *_LINKS, "user", "group")
            for verb in ("view", "add", "change", "delete")
        ),
        "view_changeset",
        "view_change",
        "add_import",
    ],
}


def make_groups() -> None:
    """Make the groups where they are not there yet. Groups that somebody has changed stay as they are."""
    from django.apps import apps

    for label in ("auth", "catalogue"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    for name, rights in RIGHTS.items():
        group, made = Group.objects.get_or_create(name=name)
        if made:
            group.permissions.set(
                Permission.objects.filter(codename__in=rights, content_type__app_label__in=("auth", "catalogue"))
            )
