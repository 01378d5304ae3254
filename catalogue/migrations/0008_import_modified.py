"""An upload knows when its file was last changed, so that it is continued with that very file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0007_kept_apart")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="modified",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
