"""Who looks after accounts. The last one is not shut out, and what somebody has done keeps its name."""

from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

RIGHT = "auth.change_user"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def is_needed(account: User) -> bool:
    """Tell whether an account is the only one that can look after accounts."""
    able = _able()
    return able.filter(pk=account.pk).exists() and not able.exclude(pk=account.pk).exists()


def are_there() -> bool:
    """Tell whether anybody can look after accounts."""
    return _able().exists()


def _able() -> QuerySet[User]:
    able: QuerySet[User] = User.objects.with_perm(RIGHT, backend=BACKEND)
    return able.filter(Q(is_superuser=True) | Q(groups__isnull=False))


def are_of_administrators(groups: QuerySet[Group]) -> bool:
    """Tell whether membership of these groups is enough to look after accounts."""
    application, code = RIGHT.split(".")
    return groups.filter(permissions__codename=code, permissions__content_type__app_label=application).exists()


def needed() -> str:
    return _("The catalogue would have no administrator any more. Make somebody else one first.")


def why_kept(account: User) -> str:
    """Return why an account is not deleted, or nothing."""
    if account.last_login is not None:
        sentence = _("%(name)s was signed in, and stays in the history. Untick “Active” to switch the account off.")
        return sentence % {"name": account.get_username()}
    return needed() if is_needed(account) else ""
