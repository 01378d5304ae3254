"""The tables of what the worker does for the desk: imports, from their upload to their undoing, and large undos; and
mappings of columns that were kept by name.

What an import has in common with other works of the queue is `Running`.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_NAME = 200
# A worker writes its sign of life each second; after this time without one it is dead, or as good as dead.
SILENT = timedelta(seconds=30)


class Running(models.Model):
    """What a worker does for somebody, and how it is getting on; `run` counts how often it was begun."""

    WAITING, RUNNING = "waiting", "running"

    state: Any
    touched: Any
    # A sentence where something went wrong.
    problem = models.TextField(blank=True, default="")
    run = models.PositiveIntegerField(default=0, db_default=0)
    begun = models.DateTimeField(null=True, blank=True)
    alive = models.DateTimeField(null=True, blank=True)
    rows = models.BigIntegerField(default=0, db_default=0)
    position = models.BigIntegerField(default=0, db_default=0)
    is_waiting = models.BooleanField(default=False, db_default=False)
    is_to_stop = models.BooleanField(default=False, db_default=False)
    # How often its worker was killed in the midst of it.
    kills = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True

    @property
    def is_busy(self) -> bool:
        return self.state in (self.WAITING, self.RUNNING)

    @property
    def heard(self) -> datetime:
        """When something was last heard of it."""
        return max(filter(None, (self.touched, self.alive)))

    @property
    def is_silent(self) -> bool:
        """Tell whether it should be running, and whoever ran it gives no sign of life."""
        alive = self.alive or self.begun
        return self.state == self.RUNNING and (alive is None or timezone.now() - alive > SILENT)


class Import(Running):
    """One file that somebody brought, and how far it has come. `work` is what waits, runs or was done last."""

    class State(models.TextChoices):
        UPLOADING = "uploading", _("not all here yet")
        READY = "ready", _("to be checked")
        WAITING = Running.WAITING, _("waiting")
        RUNNING = Running.RUNNING, _("running")
        TRIED = "tried", _("tried, not imported yet")
        DONE = "done", _("imported")
        UNDONE = "undone", _("undone")

    class Work(models.TextChoices):
        TRY = "try", _("trial")
        WRITE = "write", _("import")
        UNDO = "undo", _("undo")

    # Nobody can guess it: it is part of addresses and names the file on the disk.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports", verbose_name=_("account")
    )
    name = models.CharField(_("file"), max_length=LONGEST_NAME)
    size = models.BigIntegerField(_("size"))
    # When the file was last changed where it comes from, in milliseconds: a part of it is not continued with another.
    modified = models.BigIntegerField(null=True, blank=True)
    received = models.BigIntegerField(default=0, db_default=0)
    # The folder of uploads that holds the file (see uploads.place): several machines may serve one catalogue.
    place = models.CharField(max_length=40)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADING)
    work = models.CharField(max_length=10, choices=Work.choices, blank=True, default="")
    report = models.JSONField(default=dict)
    change_set = models.ForeignKey(
        "catalogue.ChangeSet", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("change set")
    )
    made = models.DateTimeField(_("made"), db_default=Now())
    touched = models.DateTimeField(db_default=Now(), auto_now=True)

    class Meta:
        ordering = ("-made",)
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(condition=Q(received__range=(0, F("size"))), name="import_received_in_size"),
        ]

    def __str__(self) -> str:
        return self.name


class Mapping(models.Model):
    """Which column holds which field, kept by name for the next such file. All administrators share them."""

    name = models.CharField(_("name"), max_length=LONGEST_NAME, unique=True)
    options = models.JSONField(default=dict)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    touched = models.DateTimeField(db_default=Now(), auto_now=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("saved mapping")
        verbose_name_plural = _("saved mappings")

    def __str__(self) -> str:
        return self.name


class LargeUndo(models.Model):
    """The undo of a change set of so many records that the worker does it. `result` is the change set that it made."""

    change_set = models.OneToOneField("catalogue.ChangeSet", models.CASCADE, related_name="large_undo")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.TextField(blank=True, default="")
    total = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    alive = models.DateTimeField(db_default=Now())
    # A sentence where something went wrong, and one on what was done.
    problem = models.TextField(blank=True, default="")
    told = models.TextField(blank=True, default="")
    result = models.ForeignKey("catalogue.ChangeSet", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("large undo")
        verbose_name_plural = _("large undos")

    def __str__(self) -> str:
        return f"{self.change_set}"

    @property
    def is_busy(self) -> bool:
        return not self.problem and self.result_id is None

    @property
    def is_silent(self) -> bool:
        """Tell whether nothing was heard of it for so long that it may be asked for again."""
        return self.is_busy and timezone.now() - self.alive > 4 * SILENT

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0
