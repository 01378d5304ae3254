"""The groups of people who work at the desk, and what each may do. README.md has it as a table."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

READER, CATALOGUER, EDITOR, ADMINISTRATOR = "Reader of drafts", "Cataloguer", "Editor", "Administrator"
APPLICATIONS = ("auth", "catalogue")

_HEADINGS = ("author", "keyword", "country")
_VARIANTS = ("authorvariant", "keywordvariant", "countryvariant")
_LINKS = ("recordauthor", "recordkeyword", "recordidentifier")
_HISTORY = ("view_changeset", "view_change")


@dataclass(frozen=True)
class Duty:
    """What somebody may do at the desk, as the page of a group says it: the permissions of Django that it takes beside
    those of the duties that it needs.
    """

    label: Promise
    rights: tuple[str, ...]
    needs: tuple[str, ...] = ()


DUTIES = {
    "see": Duty(
        _("See the desk: drafts, history, documents, what people search for"),
        (*(f"view_{name}" for name in ("record", *_HEADINGS, *_VARIANTS, *_LINKS)), *_HISTORY),
    ),
    "catalogue": Duty(
        _("Add and change records and headings; change up to 100 records at once, and undo that"),
        (
            *(f"{verb}_{name}" for name in ("record", *_HEADINGS) for verb in ("add", "change")),
            *(f"{verb}_{name}" for name in (*_VARIANTS, *_LINKS) for verb in ("add", "change", "delete")),
        ),
        ("see",),
    ),
    "publish": Duty(_("Publish and withdraw records"), ("publish_record",), ("see",)),
    "many": Duty(_("Change more than 100 records at once"), ("change_many",), ("catalogue",)),
    "undo": Duty(_("Undo what others changed in more than 100 records"), ("undo_others",), ("catalogue",)),
    "import": Duty(_("Import files of records, and undo imports"), ("add_import",), ("catalogue",)),
    "delete": Duty(
        _("Delete records, headings and documents for good"),
        tuple(f"delete_{name}" for name in ("record", *_HEADINGS)),
        ("see",),
    ),
    "people": Duty(
        _("Look after accounts, groups and invitations, and so give anybody any of these duties"),
        tuple(f"{verb}_{name}" for name in ("user", "group") for verb in ("view", "add", "change", "delete")),
    ),
}
_OF_GROUPS = {
    READER: ("see",),
    CATALOGUER: ("see", "catalogue", "publish"),
    EDITOR: ("see", "catalogue", "publish", "many", "undo", "import"),
    ADMINISTRATOR: tuple(DUTIES),
}


def rights_of(duties: Iterable[str]) -> set[str]:
    """Return the codes of all rights of these duties, keys of DUTIES."""
    return {right for duty in duties for right in DUTIES[duty].rights}


RIGHTS = {group: rights_of(duties) for group, duties in _OF_GROUPS.items()}

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


def _of(permissions: list[Permission], rights: Iterable[str]) -> list[Permission]:
    return [permission for permission in permissions if permission.codename in rights]


def duties_of(group: Group) -> tuple[list[str], list[str]]:
    """Return the duties, keys of DUTIES, for which a group has all rights, and those for which it has some."""
    held = set(_permissions().filter(group=group).values_list("codename", flat=True))
    whole = [name for name, duty in DUTIES.items() if held.issuperset(duty.rights)]
    return whole, [name for name, duty in DUTIES.items() if name not in whole and not held.isdisjoint(duty.rights)]


def give_duties(group: Group, wanted: Iterable[str], unwanted: Iterable[str]) -> None:
    """Give a group the rights of some duties and take those of others; what belongs to neither stays as it is."""
    group.permissions.remove(*_permissions().filter(codename__in=rights_of(unwanted)))
    group.permissions.add(*_permissions().filter(codename__in=rights_of(wanted)))


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
