"""Membership of a group lets people in. Who was kept out by “staff status” before stays out."""

from django.db import migrations


def switch_off(apps, schema_editor):
    accounts = apps.get_model("auth", "User").objects
    kept_out = accounts.filter(is_active=True, is_staff=False, is_superuser=False, groups__isnull=False)
    accounts.filter(pk__in=kept_out.values("pk")).update(is_active=False)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("catalogue", "0015_filing"),
    ]

    operations = [
        migrations.RunPython(switch_off, migrations.RunPython.noop),
    ]
