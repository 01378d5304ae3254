"""The table of batch edits, and the index by which the list of records finds the languages in use."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0013_document_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("problem", models.TextField(blank=True, default="")),
                ("run", models.PositiveIntegerField(db_default=0, default=0)),
                ("begun", models.DateTimeField(blank=True, null=True)),
                ("alive", models.DateTimeField(blank=True, null=True)),
                ("rows", models.BigIntegerField(db_default=0, default=0)),
                ("position", models.BigIntegerField(db_default=0, default=0)),
                ("is_waiting", models.BooleanField(db_default=False, default=False)),
                ("is_to_stop", models.BooleanField(db_default=False, default=False)),
                ("kills", models.PositiveIntegerField(db_default=0, default=0)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="records")),
                ("parameters", models.TextField(blank=True, default="")),
                ("numbers", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                (
                    "versions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                ("steps", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, default="", max_length=500, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("choosing", "steps to be chosen"),
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("previewed", "previewed, not done yet"),
                            ("done", "done"),
                        ],
                        default="choosing",
                        max_length=10,
                    ),
                ),
                (
                    "work",
                    models.CharField(
                        blank=True,
                        choices=[("preview", "preview"), ("do", "batch edit")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("report", models.JSONField(default=dict)),
                (
                    "made",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="made"),
                ),
                ("touched", models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "batch edit",
                "verbose_name_plural": "batch edits",
                "ordering": ("-made",),
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("language", ""), _negated=True), fields=["language"], name="record_language"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="change_set",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="catalogue.changeset",
                verbose_name="change set",
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
    ]
