"""What large imports need: ways to near records, addresses and identifiers; fewer indexes and notes to write."""

from importlib import import_module

import django.db.models.deletion
from django.db import connection, migrations, models

import catalogue.models
from catalogue import likeness
from catalogue.draft import Draft

# The links of a new record need no note of their own: whoever makes it by the thousand says so (catalogue/records.py).
_BEFORE = """    IF touched IS NOT NULL THEN"""
_AFTER = """    IF touched IS NOT NULL AND NOT (
        coalesce(current_setting('catalogue.unnoted', true), '') = 'all'
        OR coalesce(current_setting('catalogue.unnoted', true), '') = 'links' AND TG_ARGV[1] = 'record_id'
    ) THEN"""

FILL_AT_ONCE = 5_000
_touches = import_module("catalogue.migrations.0002_touches")
FUNCTION = _touches.FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def fill_near_keys(apps, schema_editor):
    """Compute the keys of the records that are there; nothing that is searched changes, so no index need follow."""
    last = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('catalogue.unnoted', 'all', true)")
        while rows := _some(cursor, last):
            keys = [likeness.near_keys(Draft(title=title, year=year)) for _, title, year in rows]
            cursor.execute(
                "UPDATE catalogue_record r SET near_start = n.near_start, near_end = n.near_end "
                "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS n(id, near_start, near_end) WHERE r.id = n.id",
                [[number for number, _, _ in rows], *map(list, zip(*keys, strict=True))],
            )
            last = rows[-1][0]
        cursor.execute("SELECT set_config('catalogue.unnoted', 'off', true)")


def _some(cursor, last):
    query = "SELECT id, title, year FROM catalogue_record WHERE id > %s ORDER BY id LIMIT %s"
    cursor.execute(query, [last, FILL_AT_ONCE])
    return cursor.fetchall()


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_touches"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="recordidentifier",
            name="recordidentifier_value",
        ),
        migrations.AddField(
            model_name="record",
            name="near_end",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="record",
            name="near_start",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.RunSQL(FUNCTION.replace(_BEFORE, _AFTER), FUNCTION),
        migrations.RunPython(fill_near_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="change",
            name="change_set",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="catalogue.changeset",
            ),
        ),
        migrations.AlterField(
            model_name="recordauthor",
            name="record",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="author_links",
                to="catalogue.record",
            ),
        ),
        migrations.AlterField(
            model_name="recordidentifier",
            name="record",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="identifiers",
                to="catalogue.record",
            ),
        ),
        migrations.AlterField(
            model_name="recordkeyword",
            name="record",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="keyword_links",
                to="catalogue.record",
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                catalogue.models.UrlKey("url"), condition=models.Q(("url", ""), _negated=True), name="record_url"
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["near_start"], name="record_near_start"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["near_end"], name="record_near_end"),
        ),
        migrations.AddIndex(
            model_name="recordidentifier",
            index=models.Index(catalogue.models.IdentifierKey("value"), name="recordidentifier_key"),
        ),
    ]
