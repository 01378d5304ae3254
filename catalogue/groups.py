"""The groups of people who work at the desk, and what each may do. README.md has it as a table."""

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet

READER, CATALOGUER, EDITOR, ADMINISTRATOR = "Reader of drafts", "Cataloguer", "Editor", "Administrator"
APPLICATIONS = ("auth", "catalogue")

_HEADINGS = ("author", "keyword", "country")
_VARIANTS = ("authorvariant", "keywordvariant", "countryvariant")
_LINKS = ("recordauthor", "recordkeyword", "recordidentifier")
_HISTORY = ("view_changeset", "view_change")

_READER = [*(f"view_{name}" for name in ("record", *_HEADINGS, *_VARIANTS, *_LINKS)), *_HISTORY]
_CATALOGUER = [
    *_READER,
    *(f"{verb}_{name}" for name in ("record", *_HEADINGS) for verb in ("add", "change")),
    *(f"{verb}_{name}" for name in (*_VARIANTS, *_LINKS) for verb in ("add", "change", "delete")),
    "publish_record",
]
_EDITOR = [*_CATALOGUER, "change_many", "undo_others", "add_import"]
_ADMINISTRATOR = [
    *_EDITOR,
    *(f"delete_{name}" for name in ("record", *_HEADINGS)),
    *(f"{verb}_{name}" for name in ("user", "group") for verb in ("view", "add", "change", "delete")),
]
RIGHTS = {READER: _READER, CATALOGUER: _CATALOGUER, EDITOR: _EDITOR, ADMINISTRATOR: _ADMINISTRATOR}

# Rights that were part of another one before they had names: whoever has that one keeps them when they come.
PART_OF = {"publish_record": "change_record", "change_many": "change_record", "undo_others": "change_record"}


def make_groups() -> None:
    """Make the groups where they are not there yet, and give them the rights that a new version brings.

    What a library gave to a group, or took from it, stays as it is.
    """
    from django.apps import apps

    known = set(_permissions().values_list("pk", flat=True))
    for label in APPLICATIONS:
        create_permissions(apps.get_app_config(label), verbosity=0)
    new = list(_permissions().exclude(pk__in=known))
    for right in new:
        _keep(right)
    for name, rights in RIGHTS.items():
        group, made = Group.objects.get_or_create(name=name)
        group.permissions.add(*(_permissions().filter(codename__in=rights) if made else _of(new, rights)))


def _permissions() -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label__in=APPLICATIONS)


def _of(permissions: list[Permission], rights: list[str]) -> list[Permission]:
    return [permission for permission in permissions if permission.codename in rights]


def _keep(right: Permission) -> None:
    """Give a right that has just come to those groups and accounts who could do the same before it had a name."""
    if right.codename not in PART_OF:
        return
    former = PART_OF[right.codename]
    for group in Group.objects.filter(permissions__codename=former, permissions__content_type__app_label="catalogue"):
        group.permissions.add(right)
    holders = {"user_permissions__codename": former, "user_permissions__content_type__app_label": "catalogue"}
    for account in User.objects.filter(**holders):
        account.user_permissions.add(right)
