"""What happened to documents is noted; triggers count what each change set did, field by field; large undos."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# The fields in which two states differ; of links between headings the numbers alone count (see Link in entries.py).
CHANGED_FIELDS = """
CREATE FUNCTION catalogue_changed_fields(before jsonb, after jsonb) RETURNS TABLE (field text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN before IS NULL THEN 'made' WHEN after IS NULL THEN 'gone' ELSE 'changed' END
    UNION ALL
    SELECT key FROM jsonb_each(CASE WHEN after IS NOT NULL THEN before END) AS old(key, value)
        FULL JOIN jsonb_each(CASE WHEN before IS NOT NULL THEN after END) AS new(key, value) USING (key)
    WHERE CASE
        WHEN key IN ('broader', 'related')
        THEN jsonb_path_query_array(old.value, '$[*][0]') IS DISTINCT FROM jsonb_path_query_array(new.value, '$[*][0]')
        ELSE old.value IS DISTINCT FROM new.value
    END
$$;
"""

# Argument: an expression for what the row is about.
COUNT = """
CREATE FUNCTION catalogue_count_changed_fields() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows text := '';
BEGIN
    IF TG_OP <> 'DELETE' THEN
        rows := 'SELECT change_set_id, ' || TG_ARGV[0] || ' AS what, before, after, 1 AS one FROM new_rows';
    END IF;
    IF TG_OP <> 'INSERT' THEN
        rows := rows || CASE rows WHEN '' THEN '' ELSE ' UNION ALL ' END
            || 'SELECT change_set_id, ' || TG_ARGV[0] || ' AS what, before, after, -1 AS one FROM old_rows';
    END IF;
    EXECUTE replace(
        'INSERT INTO catalogue_changedfield AS kept (change_set_id, what, field, count)
        SELECT change_set_id, what, changed.field, sum(one)
        FROM ({rows}) AS noted, catalogue_changed_fields(before, after) AS changed
        GROUP BY 1, 2, 3 HAVING sum(one) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (change_set_id, what, field) DO UPDATE SET count = kept.count + excluded.count',
        '{rows}', rows);
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM catalogue_changedfield WHERE count = 0
            AND change_set_id IN (SELECT change_set_id FROM old_rows);
    END IF;
    RETURN NULL;
END
$$;
"""

TABLES = {"change": "''record''", "headingchange": "kind", "documentchange": "''document''"}
ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "NEW TABLE AS new_rows OLD TABLE AS old_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
TRIGGERS = [
    f"CREATE TRIGGER count_{event.lower()} AFTER {event} ON catalogue_{table} REFERENCING {rows} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION catalogue_count_changed_fields('{what}');"
    for table, what in TABLES.items()
    for event, rows in ROWS.items()
]
DROPS = [f"DROP TRIGGER count_{event.lower()} ON catalogue_{table};" for table in TABLES for event in ROWS]
COUNT_WHAT_IS_THERE = [
    f"""INSERT INTO catalogue_changedfield (change_set_id, what, field, count)
    SELECT change_set_id, {what.replace("''", "'")}, changed.field, count(*)
    FROM catalogue_{table}, catalogue_changed_fields(before, after) AS changed GROUP BY 1, 2, 3;
    """  # noqa: S608 - names of our own
    for table, what in TABLES.items()
]


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0010_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangedField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=10)),
                ("field", models.CharField(max_length=40)),
                ("count", models.IntegerField()),
            ],
            options={
                "verbose_name": "changed field",
                "verbose_name_plural": "changed fields",
            },
        ),
        migrations.CreateModel(
            name="DocumentChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_number", models.BigIntegerField(db_index=True, verbose_name="record")),
                ("document", models.UUIDField(verbose_name="document")),
                ("before", models.JSONField(null=True, verbose_name="before")),
                ("after", models.JSONField(null=True, verbose_name="after")),
            ],
            options={
                "verbose_name": "change of a document",
                "verbose_name_plural": "changes of documents",
                "ordering": ("id",),
            },
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(fields=["made", "id"], name="changeset_made"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(fields=["user_name", "made", "id"], name="changeset_person"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(fields=["kind", "made", "id"], name="changeset_kind"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("reason", config="simple"), name="changeset_reason"
            ),
        ),
        migrations.AddField(
            model_name="changedfield",
            name="change_set",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changed_fields",
                to="catalogue.changeset",
            ),
        ),
        migrations.AddField(
            model_name="documentchange",
            name="change_set",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="document_changes",
                to="catalogue.changeset",
            ),
        ),
        migrations.AddIndex(
            model_name="changedfield",
            index=models.Index(fields=["field", "what", "change_set"], name="changedfield_field"),
        ),
        migrations.AddConstraint(
            model_name="changedfield",
            constraint=models.UniqueConstraint(fields=("change_set", "what", "field"), name="changedfield_unique"),
        ),
        migrations.AddConstraint(
            model_name="documentchange",
            constraint=models.UniqueConstraint(fields=("change_set", "document"), name="documentchange_unique"),
        ),
        migrations.CreateModel(
            name="LargeUndo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(blank=True, default="")),
                ("total", models.BigIntegerField()),
                ("done", models.BigIntegerField(default=0)),
                ("alive", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("problem", models.TextField(blank=True, default="")),
                ("told", models.TextField(blank=True, default="")),
                (
                    "change_set",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="large_undo", to="catalogue.changeset"
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalogue.changeset",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "large undo",
                "verbose_name_plural": "large undos",
            },
        ),
        migrations.RunSQL(CHANGED_FIELDS, "DROP FUNCTION catalogue_changed_fields;"),
        migrations.RunSQL(COUNT, "DROP FUNCTION catalogue_count_changed_fields;"),
        migrations.RunSQL(TRIGGERS, DROPS),
        # Changes of many records are written while other triggers rest (catalogue/database/references.py).
        migrations.RunSQL("ALTER TABLE catalogue_change ENABLE ALWAYS TRIGGER count_insert;", migrations.RunSQL.noop),
        migrations.RunSQL(COUNT_WHAT_IS_THERE, migrations.RunSQL.noop),
    ]
