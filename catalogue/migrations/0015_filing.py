"""The index by which the lists of headings from A to Z go on from one entry to the next."""

from django.db import migrations, models

import catalogue.expressions


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0014_batch"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="author",
            index=models.Index(catalogue.expressions.Filing("fold"), name="author_filing"),
        ),
        migrations.AddIndex(
            model_name="authorvariant",
            index=models.Index(catalogue.expressions.Filing("fold"), name="authorvariant_filing"),
        ),
        migrations.AddIndex(
            model_name="country",
            index=models.Index(catalogue.expressions.Filing("fold"), name="country_filing"),
        ),
        migrations.AddIndex(
            model_name="countryvariant",
            index=models.Index(catalogue.expressions.Filing("fold"), name="countryvariant_filing"),
        ),
        migrations.AddIndex(
            model_name="keyword",
            index=models.Index(catalogue.expressions.Filing("fold"), name="keyword_filing"),
        ),
        migrations.AddIndex(
            model_name="keywordvariant",
            index=models.Index(catalogue.expressions.Filing("fold"), name="keywordvariant_filing"),
        ),
    ]
