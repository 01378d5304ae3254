"""The tables of link care: each address with its state, the checks of it, and the runs that make checks."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Now
from django.utils.translation import gettext_lazy as _

from catalogue import draft

LONGEST_HOST = 255


class Link(models.Model):
    """One address that records have, and what is known of it. Nothing here ever changes a record."""

    class Status(models.TextChoices):
        NEW = "new", _("never checked")
        ALIVE = "alive", _("alive")
        MOVED = "moved", _("moved")
        BARRED = "barred", _("refuses programs")
        UNREACHABLE = "unreachable", _("unreachable for the moment")
        DEAD = "dead", _("dead")
        SKIPPED = "skipped", _("not to be checked")

    # As the records have it, to the letter.
    url = models.CharField(_("address"), max_length=draft.LIMITS["url"])
    host = models.CharField(_("host"), max_length=LONGEST_HOST, blank=True, default="", db_default="", db_index=True)
    status = models.CharField(
        _("state"), max_length=12, choices=Status.choices, default=Status.NEW, db_default=Status.NEW
    )
    code = models.SmallIntegerField(_("HTTP code"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    # Where a permanent redirect leads.
    moved_to = models.CharField(_("moved to"), max_length=draft.LIMITS["url"], blank=True, default="", db_default="")
    checked = models.DateTimeField(_("last checked"), null=True, blank=True)
    alive = models.DateTimeField(_("last seen alive"), null=True, blank=True)
    # In sequence, up to now; and on how many days.
    failures = models.PositiveIntegerField(_("failures in sequence"), default=0, db_default=0)
    failing_days = models.PositiveIntegerField(default=0, db_default=0)
    next_check = models.DateTimeField(_("next check"), db_default=Now(), db_index=True)
    # Somebody has seen that it is so, and does not want to be told again until it changes.
    is_known = models.BooleanField(_("known, to be left"), default=False, db_default=False)
    known_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    made = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ("id",)
        indexes = [models.Index(fields=["status", "checked"], name="link_status_checked")]
        constraints = [
            # By its digest: an index cannot hold 2,000 letters.
            models.UniqueConstraint(MD5("url"), name="link_url_unique"),
            models.CheckConstraint(
                condition=Q(status__in=("new", "alive", "moved", "barred", "unreachable", "dead", "skipped")),
                name="link_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class LinkCheck(models.Model):
    """One check of one address. The last ones are kept (see noting.py)."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="checks", verbose_name=_("address"))
    made = models.DateTimeField(_("checked"))
    status = models.CharField(_("state"), max_length=12, choices=Link.Status.choices)
    code = models.SmallIntegerField(_("HTTP code"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.link_id} {self.status}"


class LinkRun(models.Model):
    """One run over many addresses, asked for by somebody or by the schedule, and how far it has come."""

    class Scope(models.TextChoices):
        DUE = "due", _("all that are due")
        ALL = "all", _("all")
        CHOSEN = "chosen", _("chosen ones")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    user_name = models.CharField(_("by"), max_length=150, blank=True, default="", db_default="")
    scope = models.CharField(_("what"), max_length=10, choices=Scope.choices)
    numbers: ArrayField = ArrayField(models.BigIntegerField(), default=list)
    most = models.PositiveIntegerField(_("at most"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # A sentence where something went wrong.
    problem = models.TextField(blank=True, default="", db_default="")
    total = models.PositiveIntegerField(default=0, db_default=0)
    done = models.PositiveIntegerField(default=0, db_default=0)
    # How many addresses were found in which state.
    counts = models.JSONField(default=dict)
    made = models.DateTimeField(_("made"), db_default=Now())
    begun = models.DateTimeField(null=True, blank=True)
    alive = models.DateTimeField(null=True, blank=True)
    # How often it was begun: whoever began it earlier notices, and ends.
    attempt = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("run of checks")
        verbose_name_plural = _("runs of checks")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.pk}"

    @property
    def is_busy(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
