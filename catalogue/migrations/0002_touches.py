"""Triggers that note every change in `Touch`, whoever makes it: a form, an import, SQL typed by hand.

They run once a statement, not once a row, so that an import of a million records writes a few thousand notes.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION catalogue_note_touch() RETURNS trigger LANGUAGE plpgsql AS $$
-- Arguments: what was touched, and the column that holds its number.
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO catalogue_touch (what, numbers, transaction, mark)
        VALUES ('everything', '{}', pg_current_xact_id()::text::bigint, gen_random_uuid());
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT array_agg(DISTINCT %I) FROM new_rows', TG_ARGV[1]) INTO touched;
    ELSIF TG_OP = 'DELETE' THEN
        EXECUTE format('SELECT array_agg(DISTINCT %I) FROM old_rows', TG_ARGV[1]) INTO touched;
    ELSE
        EXECUTE format('SELECT array_agg(number) FROM (SELECT %1$I AS number FROM new_rows UNION '
                       'SELECT %1$I FROM old_rows) AS numbers', TG_ARGV[1]) INTO touched;
    END IF;
    IF touched IS NOT NULL THEN
        INSERT INTO catalogue_touch (what, numbers, transaction, mark)
        VALUES (TG_ARGV[0], touched, pg_current_xact_id()::text::bigint, gen_random_uuid());
    END IF;
    RETURN NULL;
END
$$;
"""

# Table, what its rows belong to, and the column that holds that thing's number.
WATCHED = [
    ("catalogue_record", "record", "id"),
    ("catalogue_recordauthor", "record", "record_id"),
    ("catalogue_recordkeyword", "record", "record_id"),
    ("catalogue_recordidentifier", "record", "record_id"),
    # A new heading has no records yet, and one with records cannot be deleted: only its update matters.
    ("catalogue_author", "author", "id"),
    ("catalogue_authorvariant", "author", "authority_id"),
    ("catalogue_keyword", "keyword", "id"),
    ("catalogue_keywordvariant", "keyword", "authority_id"),
    ("catalogue_country", "country", "id"),
    ("catalogue_countryvariant", "country", "authority_id"),
]

REFERENCING = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "TRUNCATE": "",
}


def trigger(table: str, what: str, column: str, event: str) -> str:
    return (
        f"CREATE TRIGGER touch_{event.lower()} AFTER {event} ON {table} {REFERENCING[event]} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION catalogue_note_touch('{what}', '{column}');"
    )


def events(column: str, what: str) -> list[str]:
    return ["UPDATE", "TRUNCATE"] if column == "id" and what != "record" else list(REFERENCING)


TRIGGERS = [trigger(*watched, event) for watched in WATCHED for event in events(watched[2], watched[1])]
DROPS = [
    f"DROP TRIGGER touch_{event.lower()} ON {table};"
    for table, what, column in WATCHED
    for event in events(column, what)
]


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_records")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION catalogue_note_touch;"),
        migrations.RunSQL(TRIGGERS, DROPS),
    ]
