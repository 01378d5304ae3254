"""The tables of imports made at the desk, and the right to make one for the group of administrators that is there."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


def give_right(apps, schema_editor):
    """Groups that are there already are not made again, and would never learn of a new right."""
    group = apps.get_model("auth", "Group").objects.filter(name="Administrator").first()
    if group:
        kind, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="catalogue", model="import"
        )
        right, _made = apps.get_model("auth", "Permission").objects.get_or_create(
            codename="add_import", content_type=kind, defaults={"name": "Can add import"}
        )
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0003_bulk_import"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Mapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True, verbose_name="name")),
                ("options", models.JSONField(default=dict)),
                ("touched", models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "saved mapping",
                "verbose_name_plural": "saved mappings",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("received", models.BigIntegerField(db_default=0, default=0)),
                ("place", models.CharField(max_length=40)),
                ("options", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploading", "not all here yet"),
                            ("ready", "to be checked"),
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("tried", "tried, not imported yet"),
                            ("done", "imported"),
                            ("undone", "undone"),
                        ],
                        default="uploading",
                        max_length=10,
                    ),
                ),
                (
                    "work",
                    models.CharField(
                        blank=True,
                        choices=[("try", "trial"), ("write", "import"), ("undo", "undo")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("problem", models.TextField(blank=True, default="")),
                ("report", models.JSONField(default=dict)),
                (
                    "made",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="made"),
                ),
                ("touched", models.DateTimeField(auto_now=True, db_default=django.db.models.functions.datetime.Now())),
                ("run", models.PositiveIntegerField(db_default=0, default=0)),
                ("begun", models.DateTimeField(blank=True, null=True)),
                ("alive", models.DateTimeField(blank=True, null=True)),
                ("rows", models.BigIntegerField(db_default=0, default=0)),
                ("position", models.BigIntegerField(db_default=0, default=0)),
                ("is_waiting", models.BooleanField(db_default=False, default=False)),
                ("is_to_stop", models.BooleanField(db_default=False, default=False)),
                ("kills", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "change_set",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalogue.changeset",
                        verbose_name="change set",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ("-made",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("received__range", (0, models.F("size")))), name="import_received_in_size"
                    )
                ],
            },
        ),
        migrations.RunPython(give_right, migrations.RunPython.noop),
    ]
