"""The texts of documents, page by page, followed by search indexes."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

# The records whose documents these rows are, and those that they were merged into: their documents stand there.
NOTE_DOCUMENTS = """
CREATE FUNCTION catalogue_note_documents() RETURNS trigger LANGUAGE plpgsql AS $$
-- Argument: a query for the records of the rows, in which %s stands for the rows.
DECLARE
    rows text;
    touched bigint[];
BEGIN
    rows := CASE TG_OP WHEN 'INSERT' THEN 'new_rows' WHEN 'DELETE' THEN 'old_rows'
            ELSE '(SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows)' END;
    EXECUTE 'WITH of_rows AS (' || format(TG_ARGV[0], rows) || ') SELECT array_agg(number) FROM (
        SELECT record_id AS number FROM of_rows UNION SELECT replaced_by_id FROM catalogue_record
        WHERE id IN (SELECT record_id FROM of_rows) AND replaced_by_id IS NOT NULL) AS numbers' INTO touched;
    IF touched IS NOT NULL THEN
        INSERT INTO catalogue_touch (what, numbers, transaction, mark)
        VALUES ('record', touched, pg_current_xact_id()::text::bigint, gen_random_uuid());
    END IF;
    RETURN NULL;
END
$$;
"""

# A record that is merged into another, or not any more, takes its documents along.
NOTE_MERGED_DOCUMENTS = """
CREATE FUNCTION catalogue_note_merged_documents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    SELECT array_agg(DISTINCT successor.number) INTO touched
    FROM old_rows o JOIN new_rows n USING (id)
    CROSS JOIN LATERAL (VALUES (o.replaced_by_id), (n.replaced_by_id)) AS successor (number)
    WHERE successor.number IS NOT NULL
      AND (o.replaced_by_id, o.status, o.withdrawn_reason) IS DISTINCT FROM (n.replaced_by_id, n.status, n.withdrawn_reason)
      AND EXISTS (SELECT FROM catalogue_attachment WHERE record_id = n.id);
    IF touched IS NOT NULL THEN
        INSERT INTO catalogue_touch (what, numbers, transaction, mark)
        VALUES ('record', touched, pg_current_xact_id()::text::bigint, gen_random_uuid());
    END IF;
    RETURN NULL;
END
$$;
"""

OF_ATTACHMENTS = "SELECT record_id FROM %s AS r"
OF_PAGES = "SELECT a.record_id FROM catalogue_attachment a JOIN %s AS r ON r.document_id = a.id"
REFERENCING = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
}
# A document without pages yet is nothing that is searched: its insertion need not be noted.
WATCHED = [
    *(
        ("catalogue_attachment", event, f"catalogue_note_documents('{OF_ATTACHMENTS}')")
        for event in ("UPDATE", "DELETE")
    ),
    *(("catalogue_documentpage", event, f"catalogue_note_documents('{OF_PAGES}')") for event in REFERENCING),
    ("catalogue_record", "UPDATE", "catalogue_note_merged_documents()"),
]
TRIGGERS = [
    *(
        f"CREATE TRIGGER touch_documents_{event.lower()} AFTER {event} ON {table} {REFERENCING[event]} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function};"
        for table, event, function in WATCHED
    ),
    "CREATE TRIGGER touch_documents_truncate AFTER TRUNCATE ON catalogue_documentpage "
    "FOR EACH STATEMENT EXECUTE FUNCTION catalogue_note_touch('record', 'id');",
]
DROPS = [
    *(f"DROP TRIGGER touch_documents_{event.lower()} ON {table};" for table, event, _function in WATCHED),
    "DROP TRIGGER touch_documents_truncate ON catalogue_documentpage;",
]


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0012_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentText",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="catalogue.attachment",
                        verbose_name="document",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("begun", "begun"),
                            ("given_up", "given up"),
                            ("read", "read"),
                            ("protected", "protected"),
                            ("missing", "missing"),
                            ("damaged", "damaged"),
                            ("slow", "too slow"),
                            ("huge", "too large"),
                            ("long", "too long"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("page_count", models.PositiveIntegerField(default=0, verbose_name="pages")),
                ("pages_with_text", models.PositiveIntegerField(default=0, verbose_name="pages with text")),
                ("characters", models.PositiveIntegerField(default=0, verbose_name="characters")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("version", models.PositiveSmallIntegerField(default=0, verbose_name="version")),
                (
                    "made",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="read"),
                ),
            ],
            options={
                "verbose_name": "text of a document",
                "verbose_name_plural": "texts of documents",
            },
        ),
        migrations.AddField(
            model_name="attachment",
            name="stored_as",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name="DocumentPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="page")),
                ("text", models.TextField(verbose_name="text")),
                (
                    "fingerprint",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.MD5("text"),
                        output_field=models.CharField(max_length=32),
                    ),
                ),
                (
                    "length",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Length("text"),
                        output_field=models.IntegerField(),
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pages",
                        to="catalogue.attachment",
                        verbose_name="document",
                    ),
                ),
            ],
            options={
                "verbose_name": "page of a document",
                "verbose_name_plural": "pages of documents",
                "ordering": ("number",),
                "constraints": [
                    models.UniqueConstraint(fields=("document", "number"), name="documentpage_unique"),
                    models.CheckConstraint(condition=models.Q(("number__gt", 0)), name="documentpage_number_above_0"),
                ],
            },
        ),
        migrations.RunSQL(NOTE_DOCUMENTS, "DROP FUNCTION catalogue_note_documents;"),
        migrations.RunSQL(NOTE_MERGED_DOCUMENTS, "DROP FUNCTION catalogue_note_merged_documents;"),
        migrations.RunSQL(TRIGGERS, DROPS),
    ]
