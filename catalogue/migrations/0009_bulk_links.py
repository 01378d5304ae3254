"""Notes for search indexes are written even where the rows of an import are (catalogue/database/references.py)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0008_import_modified")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE catalogue_record ENABLE ALWAYS TRIGGER touch_insert;",
            "ALTER TABLE catalogue_record ENABLE TRIGGER touch_insert;",
        ),
    ]
