"""What happens to headings is noted; no heading stands under itself; search indexes hear of changed relations."""

import django.db.models.deletion
from django.db import migrations, models

# No record need be indexed anew where a relation changes, but the thesaurus that searches use must be read again.
NOTE_RELATION = """
CREATE FUNCTION catalogue_note_relation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_touch (what, numbers, transaction, mark)
    VALUES ('keyword', '{}', pg_current_xact_id()::text::bigint, gen_random_uuid());
    RETURN NULL;
END
$$;
"""

# The lock (catalogue/authorities/files.py) keeps two transactions from closing a circle of which each sees one half.
REFUSE_CIRCLE = """
CREATE FUNCTION catalogue_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
-- Arguments: the table of relations, its lower and its upper column, and the name under which a circle is refused.
DECLARE
    found bool;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM new_rows WHERE %I IS NOT NULL)', TG_ARGV[2]) INTO found;
    IF NOT found THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(7365611938);
    EXECUTE format(
        'WITH RECURSIVE climb(start, number) AS (
            SELECT %2$I, %3$I FROM new_rows WHERE %3$I IS NOT NULL
            UNION
            SELECT climb.start, upper.%3$I FROM climb JOIN %1$I upper ON upper.%2$I = climb.number
            WHERE upper.%3$I IS NOT NULL
        ) SELECT EXISTS (SELECT FROM climb WHERE start = number)', TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]) INTO found;
    IF found THEN
        RAISE EXCEPTION 'A heading would stand under itself.' USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[3];
    END IF;
    RETURN NULL;
END
$$;
"""

RELATIONS = [
    ("catalogue_keyword_broader", "from_keyword_id", "to_keyword_id", "keyword_no_circle"),
    ("catalogue_country", "id", "part_of_id", "country_no_circle"),
]


def refusals():
    for table, lower, upper, name in RELATIONS:
        for event in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER circle_{event.lower()} AFTER {event} ON {table} REFERENCING NEW TABLE AS new_rows "
                f"FOR EACH STATEMENT EXECUTE FUNCTION catalogue_refuse_circle('{table}', '{lower}', '{upper}', '{name}');"
            )


TRIGGERS = [
    *refusals(),
    "CREATE TRIGGER touch AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalogue_keyword_broader "
    "FOR EACH STATEMENT EXECUTE FUNCTION catalogue_note_relation();",
]
DROPS = [
    *(f"DROP TRIGGER circle_{event} ON {table};" for table, *_names in RELATIONS for event in ("insert", "update")),
    "DROP TRIGGER touch ON catalogue_keyword_broader;",
]


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0005_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="HeadingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("author", "author"), ("keyword", "keyword"), ("country", "country")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.BigIntegerField(verbose_name="heading")),
                ("before", models.JSONField(null=True, verbose_name="before")),
                ("after", models.JSONField(null=True, verbose_name="after")),
                (
                    "change_set",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="heading_changes",
                        to="catalogue.changeset",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a heading",
                "verbose_name_plural": "changes of headings",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["kind", "number"], name="headingchange_heading")],
                "constraints": [
                    models.UniqueConstraint(fields=("change_set", "kind", "number"), name="headingchange_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["author", "keyword", "country"])),
                        name="headingchange_kind_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(NOTE_RELATION, "DROP FUNCTION catalogue_note_relation;"),
        migrations.RunSQL(REFUSE_CIRCLE, "DROP FUNCTION catalogue_refuse_circle;"),
        migrations.RunSQL(TRIGGERS, DROPS),
    ]
