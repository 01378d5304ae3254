"""Where somebody is signed in: listed in words, and ended. A new password and a closed account end all of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    get_default_password_validators,
    password_validators_help_text_html,
)
from django.contrib.auth.signals import user_logged_in
from django.db.models import QuerySet
from django.db.models.signals import post_save
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.people.models import Session
from catalogue.people.session_store import BROWSER

MOST_LISTED = 100
# What a User-Agent holds, and what it is called; the first that is found. Most browsers name others beside themselves.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class SignedIn:
    """One browser in which somebody is signed in. `key` names it on pages and cannot be used in its place."""

    key: str
    browser: str
    last_used: datetime
    is_this: bool


def browser_in_words(user_agent: str) -> str:
    """Return something like `Firefox, Linux`, or nothing where it says neither."""
    named = [next((name for mark, name in known if mark in user_agent[:1000]), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in named if name)


def _of(account: User) -> QuerySet[Session]:
    return Session.objects.filter(account=account, expire_date__gt=timezone.now())


def listed(account: User, this_session: str | None) -> list[SignedIn]:
    """Return where an account is signed in, this browser first."""
    found = _of(account).order_by("-last_used", "session_key")[:MOST_LISTED]
    shown = [
        SignedIn(_key(one), one.browser or _("Another program"), one.last_used, one.session_key == this_session)
        for one in found
    ]
    return sorted(shown, key=lambda one: not one.is_this)


def count(account: User) -> int:
    return _of(account).count()


def end(account: User, key: str) -> bool:
    """End one of the account's sessions; those of others cannot be named here."""
    wanted = [one.pk for one in _of(account) if _key(one) == key]
    return bool(Session.objects.filter(pk__in=wanted).delete()[0])


def end_all(account: User, but: str | None = None) -> int:
    """End the sessions of an account, all or all but one; return how many."""
    return Session.objects.filter(account=account).exclude(pk=but or "").delete()[0]


def _key(session: Session) -> str:
    return hashlib.sha256(session.session_key.encode()).hexdigest()


class SignsOut:
    """Listed among the checks of passwords: Django tells these when a password was changed, wherever that was."""

    def validate(self, password: str, user: Any = None) -> None:
        """Let every password pass; the other checks look at it."""

    def password_changed(self, password: str, user: Any = None) -> None:
        if isinstance(user, User) and user.pk:
            end_all(user)

    def get_help_text(self) -> str:
        return _("A new password ends all sign-ins with the old one.")


def rules_of_passwords() -> str:
    """Return the rules as Django lists them, for a password that is somebody else's or the first."""
    rules = [one for one in get_default_password_validators() if not isinstance(one, SignsOut)]
    return password_validators_help_text_html(rules)


def _name_browser(sender: Any, request: HttpRequest, user: User, **_signal: Any) -> None:
    request.session[BROWSER] = browser_in_words(request.META.get("HTTP_USER_AGENT", ""))


def _end_of_closed(sender: Any, instance: User, **_signal: Any) -> None:
    if not instance.is_active:
        end_all(instance)


def connect() -> None:
    """Called once, when the application is ready."""
    user_logged_in.connect(_name_browser, dispatch_uid="sessions.name_browser")
    post_save.connect(_end_of_closed, sender=User, dispatch_uid="sessions.end_of_closed")
