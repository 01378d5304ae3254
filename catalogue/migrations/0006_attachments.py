"""Documents that are kept with records."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0005_desk"),
    ]

    operations = [
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
    ]
