"""What the public side writes down: searches that somebody chose to keep, and counts of searches. Never a person."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class KeptHits(models.Model):
    """The records that a search found and when each was last changed, packed (see kept.py). Equal ones are one row."""

    digest = models.CharField(max_length=64, unique=True)
    packed = models.BinaryField()
    size = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.digest[:12]


class KeptSearch(models.Model):
    """One search, as it was asked and answered at one moment, under a short address that never changes."""

    code = models.CharField(max_length=8, unique=True)
    parameters = models.TextField()
    asked = models.TextField(blank=True)
    strategy = models.TextField(blank=True)
    # Lists of pairs, label and value, as people read them.
    boxes = models.JSONField(default=list)
    limits = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    sort = models.CharField(max_length=20)
    count = models.PositiveIntegerField()
    collection = models.PositiveIntegerField()
    revision = models.BigIntegerField(null=True)
    last_change = models.DateTimeField(null=True)
    made = models.DateTimeField(db_default=Now(), db_index=True)
    zone = models.CharField(max_length=64)
    # The library and the program as they called themselves then.
    library = models.TextField()
    version = models.CharField(max_length=40)
    hits = models.ForeignKey(KeptHits, models.PROTECT)
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="updates")

    class Meta:
        verbose_name = _("kept search")
        verbose_name_plural = _("kept searches")

    def __str__(self) -> str:
        return self.code


class SearchCount(models.Model):
    """How often something was counted on a day: searches, their words, words that found nothing, times taken."""

    class What(models.TextChoices):
        SEARCHES = "searches"
        WORDS = "words"
        NOTHING = "nothing"
        TIME = "time"

    day = models.DateField()
    what = models.CharField(max_length=10, choices=What.choices)
    # The words, folded; of TIME the milliseconds, rounded; of SEARCHES nothing.
    text = models.CharField(max_length=100, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("count of searches")
        verbose_name_plural = _("counts of searches")
        constraints = [models.UniqueConstraint(fields=["day", "what", "text"], name="searchcount_unique")]

    def __str__(self) -> str:
        return f"{self.day} {self.what} {self.text}: {self.count}"
