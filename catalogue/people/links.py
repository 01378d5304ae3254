"""Links by which somebody joins or chooses a new password: made by an administrator, sent by any means, used once.

The secret stands behind the `#` of the address. Browsers send that to nobody: it is in no log and no Referer, and what
looks at links before people do finds an empty form.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.people import events, throttle
from catalogue.people.models import AccessLink

DAYS = 7
# So long after its end an invitation is still listed.
LISTED = timedelta(days=30)
LONGEST = 2_000
_signer = Signer(salt="catalogue.people.links")


class Gone(Exception):
    """The link was used, withdrawn, or is too old."""


def invite(actor: User, link: AccessLink) -> str:
    """Make an invitation of what is known of somebody, in place of an earlier one; return its secret."""
    with transaction.atomic():
        AccessLink.objects.open().filter(kind=AccessLink.Kind.INVITATION, email__iexact=link.email).update(
            ended=timezone.now()
        )
        secret = _save(actor, link, AccessLink.Kind.INVITATION)
        events.note(actor, link, _("Invited to the group %(group)s.") % {"group": link.group}, is_new=True)
    return secret


def renew_password(actor: User, account: User) -> str:
    """Make a link by which the person chooses a new password, in place of earlier ones; return its secret."""
    with transaction.atomic():
        AccessLink.objects.open().filter(account=account).update(ended=timezone.now())
        secret = _save(actor, AccessLink(account=account), AccessLink.Kind.RESET)
        events.note(actor, account, _("A link to choose a new password was made."))
    return secret


def _save(actor: User, link: AccessLink, kind: AccessLink.Kind) -> str:
    token = secrets.token_urlsafe(32)
    link.kind, link.made_by, link.digest = kind, actor, _digest(token)
    link.expires = timezone.now() + timedelta(days=DAYS)
    link.save()
    return _signer.sign(token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find(text: str) -> AccessLink:
    """Return the link that somebody opened or pasted: its secret, or all of its address. Raises Gone."""
    try:
        token = _signer.unsign(text.strip()[:LONGEST].rpartition("#")[2])
    except BadSignature:
        raise Gone from None
    link = AccessLink.objects.open().filter(digest=_digest(token)).first()
    if link is None:
        raise Gone
    return link


def still_open(number: Any) -> AccessLink:
    """Return a link that was found before. Raises Gone."""
    link = AccessLink.objects.open().select_related("account", "group").filter(pk=number).first()
    if link is None:
        raise Gone
    return link


def use(link: AccessLink, save: Callable[[], User]) -> User:
    """Use a link up while what it is for is saved. Raises Gone where somebody else was quicker."""
    with transaction.atomic():
        locked = AccessLink.objects.open().select_for_update(of=("self",)).filter(pk=link.pk).first()
        if locked is None:
            raise Gone
        account = save()
        locked.ended = timezone.now()
        locked.save(update_fields=["ended"])
        if locked.group:
            account.groups.add(locked.group)
            events.note(account, account, _("Joined the group %(group)s.") % {"group": locked.group}, is_new=True)
        else:
            throttle.lift(account.get_username())
            events.note(account, account, _("Chose a new password by a link."))
    return account


def withdraw(actor: User, number: int) -> bool:
    link = AccessLink.objects.open().filter(pk=number, kind=AccessLink.Kind.INVITATION).first()
    if link is None:
        return False
    link.ended = timezone.now()
    link.save(update_fields=["ended"])
    events.note(actor, link, _("Invitation withdrawn."))
    return True


def forget_old() -> None:
    before = timezone.now() - LISTED
    AccessLink.objects.filter(Q(ended__lt=before) | Q(expires__lt=before)).delete()


def address(site: str, secret: str, page: str) -> str:
    return f"{site}{page}#{secret}"
