"""The table of batch edits: which records, which steps, how far each has come."""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalogue.batch import steps
from catalogue.jobs.models import Running

# So long after it was last touched, what is known of a batch edit goes; its change set stays.
KEPT = timedelta(days=14)
LONGEST_REASON = 500


class Batch(Running):
    """One batch edit from its records to its change set. `work` is what waits, runs or was done last."""

    class State(models.TextChoices):
        CHOOSING = "choosing", _("steps to be chosen")
        WAITING = Running.WAITING, _("waiting")
        RUNNING = Running.RUNNING, _("running")
        PREVIEWED = "previewed", _("previewed, not done yet")
        DONE = "done", _("done")

    class Work(models.TextChoices):
        PREVIEW = "preview", _("preview")
        DO = "do", _("batch edit")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account"))
    # What was searched for, in words, and the parameters of that search ("" where records were ticked).
    name = models.TextField(_("records"))
    parameters = models.TextField(blank=True, default="")
    # The records, in the order of their numbers, and as they stood in the preview: when each was modified.
    numbers = ArrayField(models.BigIntegerField())
    versions = ArrayField(models.BigIntegerField(), default=list)
    count = models.PositiveIntegerField(_("count"))
    steps = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHOOSING)
    work = models.CharField(max_length=10, choices=Work.choices, blank=True, default="")
    report = models.JSONField(default=dict)
    change_set = models.ForeignKey(
        "catalogue.ChangeSet", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("change set")
    )
    made = models.DateTimeField(_("made"), db_default=Now())
    touched = models.DateTimeField(db_default=Now(), auto_now=True)

    class Meta:
        ordering = ("-made",)
        verbose_name = _("batch edit")
        verbose_name_plural = _("batch edits")
        # Whoever may change records may change many.
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def read_steps(self) -> list[Any]:
        return steps.from_dicts(self.steps)
