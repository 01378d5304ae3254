"""The catalogue's tables: records, the authority files that they point into, and the account of every change.

The constraints here hold what the forms promise, so that no path around the forms can break it. Triggers (migration
0002) note every change of these tables in `Touch`, which search indexes follow.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalogue import codes, draft
from catalogue.attachments import Attachment  # noqa: F401 - tables of this application too
from catalogue.authorities.models import HeadingChange  # noqa: F401
from catalogue.batch.models import Batch  # noqa: F401
from catalogue.changed_fields import ChangedField  # noqa: F401
from catalogue.document_changes import DocumentChange  # noqa: F401
from catalogue.expressions import (  # noqa: F401
    IDENTIFIER_KEY_SQL,
    URL_KEY_SQL,
    Fold,
    FoldedField,
    IdentifierKey,
    UrlKey,
)
from catalogue.folding import SOMETHING
from catalogue.heading_models import (  # noqa: F401
    Author,
    AuthorVariant,
    Country,
    CountryVariant,
    Heading,
    Keyword,
    KeywordVariant,
    Variant,
)
from catalogue.jobs.models import Import, LargeUndo, Mapping  # noqa: F401
from catalogue.linkcheck.models import Link, LinkCheck, LinkRun  # noqa: F401
from catalogue.people.models import AccessLink, DeskRight, GroupDemand, RecoveryCode, Session  # noqa: F401
from catalogue.texts.models import DocumentPage, DocumentText  # noqa: F401
from catalogue.tombstones import Tombstone  # noqa: F401
from catalogue.unsaved import UnsavedForm  # noqa: F401


class Record(models.Model):
    """One bibliographic record. Its number is its public address, `/records/42`, and never changes."""

    title = models.CharField(_("title"), max_length=draft.LIMITS["title"])
    authors: models.ManyToManyField = models.ManyToManyField(
        Author, through="RecordAuthor", related_name="records", verbose_name=_("authors")
    )
    summary = models.TextField(_("summary"), blank=True, default="", db_default="")
    details = models.TextField(_("details"), blank=True, default="", db_default="")
    source = models.TextField(_("source"), blank=True, default="", db_default="")
    year = models.SmallIntegerField(_("year"), null=True, blank=True)
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="records", verbose_name=_("country")
    )
    url = models.CharField(_("URL"), max_length=draft.LIMITS["url"], blank=True, default="", db_default="")
    shelf_number = models.CharField(
        _("shelf number"), max_length=draft.LIMITS["shelf_number"], blank=True, default="", db_default=""
    )
    keywords: models.ManyToManyField = models.ManyToManyField(
        Keyword, through="RecordKeyword", related_name="records", verbose_name=_("keywords")
    )
    language = models.CharField(_("language"), max_length=3, blank=True, default="", db_default="")
    kind = models.CharField(
        _("kind of document"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=list(codes.KINDS.items()),
    )
    rights = models.TextField(_("rights"), blank=True, default="", db_default="")
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(codes.STATUSES.items()),
        default=codes.PUBLISHED,
        db_default=codes.PUBLISHED,
    )
    withdrawn_reason = models.TextField(_("reason for withdrawal"), blank=True, default="", db_default="")
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )
    # Lead from a title with a typo to this record (see likeness.py).
    near_start = models.BigIntegerField(null=True, editable=False)
    near_end = models.BigIntegerField(null=True, editable=False)
    created = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    modified = models.DateTimeField(_("modified"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["shelf_number"], name="record_shelf_number", condition=~Q(shelf_number="")),
            models.Index(MD5(Fold("title")), name="record_title"),
            models.Index(UrlKey("url"), name="record_url", condition=~Q(url="")),
            models.Index(fields=["near_start"], name="record_near_start"),
            models.Index(fields=["near_end"], name="record_near_end"),
            models.Index(fields=["-modified"], name="record_modified"),
            models.Index(fields=["language"], name="record_language", condition=~Q(language="")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(title__regex=SOMETHING), name="record_title_not_empty"),
            models.CheckConstraint(
                condition=Q(year__isnull=True) | Q(year__range=(draft.FIRST_YEAR, draft.LAST_YEAR)),
                name="record_year_in_range",
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__iregex=r"^(https?|ftp)://[^[:space:]/?#]+[^[:space:]]*$"),
                name="record_url_valid",
            ),
            models.CheckConstraint(
                condition=Q(language="") | Q(language__regex="^[a-z]{2,3}$"), name="record_language_valid"
            ),
            models.CheckConstraint(condition=Q(kind="") | Q(kind__in=list(codes.KINDS)), name="record_kind_known"),
            models.CheckConstraint(condition=Q(status__in=list(codes.STATUSES)), name="record_status_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("record", args=[self.pk])


class RecordAuthor(models.Model):
    """An author of a record, at a place (from 0) in its list."""

    # The unique constraint's index serves the record too, in this table and the next two.
    record = models.ForeignKey(Record, models.CASCADE, related_name="author_links", db_index=False)
    author = models.ForeignKey(Author, models.PROTECT, related_name="record_links", verbose_name=_("author"))
    position = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        ordering = ("position",)
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        constraints = [models.UniqueConstraint(fields=["record", "author"], name="recordauthor_unique")]

    def __str__(self) -> str:
        return str(self.author)


class RecordKeyword(models.Model):
    """A keyword of a record, at a place (from 0) in its list."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="keyword_links", db_index=False)
    keyword = models.ForeignKey(Keyword, models.PROTECT, related_name="record_links", verbose_name=_("keyword"))
    position = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        ordering = ("position",)
        verbose_name = _("keyword")
        verbose_name_plural = _("keywords")
        constraints = [models.UniqueConstraint(fields=["record", "keyword"], name="recordkeyword_unique")]

    def __str__(self) -> str:
        return str(self.keyword)


class RecordIdentifier(models.Model):
    """A number that somebody else gave the document: a DOI, an ISBN, a report number, the number in its source."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="identifiers", db_index=False)
    scheme = models.CharField(_("scheme"), max_length=40)
    value = models.CharField(_("number"), max_length=draft.HEADING_LIMIT)

    class Meta:
        ordering = ("id",)
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        indexes = [models.Index(IdentifierKey("value"), name="recordidentifier_key")]
        constraints = [
            models.UniqueConstraint(fields=["record", "scheme", "value"], name="recordidentifier_unique"),
            models.CheckConstraint(
                condition=Q(scheme__regex=r"^[a-z][a-z0-9:._-]*$") & Q(value__regex=SOMETHING),
                name="recordidentifier_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}: {self.value}"


class ChangeSet(models.Model):
    """What somebody did in one step: one edit, a whole import, the undoing of either."""

    kind = models.CharField(_("kind"), max_length=10, choices=list(codes.CHANGE_KINDS.items()))
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("account")
    )
    # Kept beside the account, so that the history still says who it was when the account is gone.
    user_name = models.CharField(_("by"), max_length=150, blank=True, default="", db_default="")
    made = models.DateTimeField(_("made"), db_default=Now())
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("undoes")
    )

    class Meta:
        ordering = ("-id",)
        verbose_name = _("change set")
        verbose_name_plural = _("change sets")
        # For the account of all changes, newest first: all, those of a person, of a kind, and by words of the reason.
        indexes = [
            models.Index(fields=["made", "id"], name="changeset_made"),
            models.Index(fields=["user_name", "made", "id"], name="changeset_person"),
            models.Index(fields=["kind", "made", "id"], name="changeset_kind"),
            GinIndex(SearchVector("reason", config="simple"), name="changeset_reason"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(codes.CHANGE_KINDS)), name="changeset_kind_known")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Change(models.Model):
    """What one change set did to one record: its Draft before (null: it is new) and after (null: it is gone).

    The record's number is no foreign key: the history outlives the record.
    """

    change_set = models.ForeignKey(ChangeSet, models.PROTECT, related_name="changes", db_index=False)
    record_number = models.BigIntegerField(_("record"), db_index=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        ordering = ("id",)
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        constraints = [models.UniqueConstraint(fields=["change_set", "record_number"], name="change_unique")]

    def __str__(self) -> str:
        return f"{self.change_set} → {self.record_number}"


class Touch(models.Model):
    """A note, written by triggers, that rows changed. Search indexes follow these notes (see search/keeping.py).

    `transaction` is the number of the transaction that wrote it (`pg_current_xact_id`). Transactions do not commit
    in the order of these numbers, nor of `id`; a reader must remember a snapshot horizon, never "the highest seen".
    """

    class What(models.TextChoices):
        RECORD = "record"
        AUTHOR = "author"
        KEYWORD = "keyword"
        COUNTRY = "country"
        EVERYTHING = "everything"

    what = models.CharField(max_length=10, choices=What.choices)
    numbers = ArrayField(models.BigIntegerField(), default=list)
    transaction = models.BigIntegerField(db_index=True)
    # Unguessable, so that an index can tell that this very database wrote the note that it remembers.
    mark = models.UUIDField(default=uuid.uuid4)
    made = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.what} {self.numbers[:5]}"
