"""What people at the desk may, where they are signed in, and how they are invited. Sessions get a table of our own."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


def end_sessions(apps, schema_editor):
    """Nobody looks into Django's table of sessions any more: who is signed in there signs in once more."""
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("catalogue", "0011_account"),
        ("sessions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeskRight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "work at the desk",
                "permissions": [
                    ("publish_record", "Can publish and withdraw records"),
                    ("change_many", "Can change more than 100 records at once"),
                    ("undo_others", "Can undo what others changed in more than 100 records"),
                ],
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="GroupDemand",
            fields=[
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="demand",
                        serialize=False,
                        to="auth.group",
                    ),
                ),
                (
                    "second_factor",
                    models.BooleanField(
                        default=False,
                        help_text="Whoever is in this group must set up an app with codes before anything else at the desk.",
                        verbose_name="Second factor required",
                    ),
                ),
            ],
            options={
                "verbose_name": "demand of a group",
                "default_permissions": (),
                "verbose_name_plural": "demands of groups",
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("browser", models.CharField(db_default="", default="", max_length=60)),
                ("last_used", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "default_permissions": (),
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccessLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("invitation", "invitation"), ("reset", "new password")], max_length=10),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "first_name",
                    models.CharField(blank=True, db_default="", default="", max_length=150, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, db_default="", default="", max_length=150, verbose_name="last name"),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, db_default="", default="", max_length=254, verbose_name="e-mail address"
                    ),
                ),
                ("made", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires", models.DateTimeField()),
                ("ended", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "default_permissions": (),
                "verbose_name_plural": "invitations",
                "ordering": ("-made",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("kind", "invitation")),
                            models.Q(("account__isnull", False), ("kind", "reset")),
                            _connector="OR",
                        ),
                        name="accesslink_leads_somewhere",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "recovery code",
                "default_permissions": (),
                "verbose_name_plural": "recovery codes",
                "constraints": [models.UniqueConstraint(fields=("account", "digest"), name="recoverycode_once")],
            },
        ),
        migrations.RunPython(end_sessions, migrations.RunPython.noop),
    ]
