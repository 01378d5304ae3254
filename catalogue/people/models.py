"""The tables of people: rights, what groups demand, sessions, links to join or to a new password, recovery codes."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DeskRight(models.Model):
    """Rights that belong to no table; this one is never made."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("publish_record", _("Can publish and withdraw records")),
            ("change_many", _("Can change more than 100 records at once")),
            ("undo_others", _("Can undo what others changed in more than 100 records")),
        ]
        verbose_name = _("work at the desk")


class GroupDemand(models.Model):
    """What a group asks of its members beside their password."""

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="demand")
    second_factor = models.BooleanField(
        _("Second factor required"),
        default=False,
        help_text=_("Whoever is in this group must set up an app with codes before anything else at the desk."),
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("demand of a group")
        verbose_name_plural = _("demands of groups")


class Session(AbstractBaseSession):
    """One browser. Where somebody is signed in, it says who, since when, in what browser, and last used in which hour.

    No network address is kept.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    browser = models.CharField(max_length=60, default="", db_default="")
    last_used = models.DateTimeField()

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> Any:
        from catalogue.people.session_store import SessionStore

        return SessionStore


class AccessLinkQuerySet(models.QuerySet["AccessLink"]):
    def open(self) -> "AccessLinkQuerySet":
        """Return those that can be used: what a closed account has made, or is for one, cannot."""
        found = self.filter(ended=None, expires__gt=timezone.now())
        return found.exclude(made_by__is_active=False).exclude(account__is_active=False)


class AccessLink(models.Model):
    """A link that lets whoever holds it join, or choose a new password, once. Only a digest of it is kept."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        RESET = "reset", _("new password")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True, default="", db_default="")
    last_name = models.CharField(_("last name"), max_length=150, blank=True, default="", db_default="")
    email = models.EmailField(_("e-mail address"), blank=True, default="", db_default="")
    # Of an invitation; with its group it goes.
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("group"))
    # Of a new password: whose.
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made = models.DateTimeField(db_default=Now())
    expires = models.DateTimeField()
    # Used or withdrawn.
    ended = models.DateTimeField(null=True, blank=True)

    objects = AccessLinkQuerySet.as_manager()

    class Meta:
        ordering = ("-made",)
        default_permissions = ()
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="invitation", group__isnull=False) | Q(kind="reset", account__isnull=False),
                name="accesslink_leads_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return " ".join((self.first_name, self.last_name)).strip() or self.email


class RecoveryCode(models.Model):
    """A code that stands in for a lost second factor, once. Of its 80 random bits only a digest is kept."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="recoverycode_once")]
