"""What is typed and not saved yet, tombstones, documents kept with records, and the status of records in review."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

BURY = """
INSERT INTO catalogue_tombstone (number) SELECT DISTINCT record_number FROM catalogue_change c
WHERE c.after IS NULL AND NOT EXISTS (SELECT FROM catalogue_record r WHERE r.id = c.record_number)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0004_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="record")),
                ("reason", models.TextField(blank=True, db_default="", default="", verbose_name="reason")),
                (
                    "made",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="deleted"),
                ),
            ],
            options={
                "verbose_name": "tombstone",
                "verbose_name_plural": "tombstones",
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="UnsavedForm",
            fields=[
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("record_number", models.BigIntegerField(blank=True, null=True, verbose_name="record")),
                (
                    "title",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="title"),
                ),
                ("data", models.TextField(blank=True, db_default="", default="")),
                ("touched", models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "unsaved form",
                "verbose_name_plural": "unsaved forms",
                "ordering": ("-touched",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="record",
            name="record_status_known",
        ),
        migrations.AlterField(
            model_name="record",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("review", "In review"),
                    ("published", "Published"),
                    ("withdrawn", "Withdrawn"),
                ],
                db_default="published",
                default="published",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "review", "published", "withdrawn"])),
                name="record_status_known",
            ),
        ),
        migrations.AddField(
            model_name="tombstone",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="catalogue.record",
                verbose_name="replaced by",
            ),
        ),
        migrations.AddField(
            model_name="unsavedform",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddIndex(
            model_name="unsavedform",
            index=models.Index(fields=["user", "record_number"], name="unsavedform_user_record"),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("docx", "DOCX"), ("odt", "ODT"), ("txt", "TXT")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("is_public", models.BooleanField(db_default=False, default=False, verbose_name="public")),
                (
                    "user_name",
                    models.CharField(blank=True, db_default="", default="", max_length=150, verbose_name="by"),
                ),
                (
                    "made",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="added"),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="catalogue.record",
                        verbose_name="record",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "ordering": ("made", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["pdf", "docx", "odt", "txt"])), name="attachment_kind_known"
                    )
                ],
            },
        ),
        migrations.RunSQL(BURY, migrations.RunSQL.noop),
    ]
