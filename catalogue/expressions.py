"""What the database computes for the tables: folded texts, and what two spellings of one address or number share."""

from typing import Any

from django.db import models

from catalogue.folding import FILING_SQL, FOLD_SQL

# What two spellings of one web address, and of one identifier, have in common; matching.py makes the same in Python.
URL_KEY_SQL = r"md5(lower(rtrim(regexp_replace({column}, '^https?://(www\.)?', '', 'i'), '/')))"
IDENTIFIER_KEY_SQL = "lower(translate({column}, ' -–./:', ''))"


class Fold(models.Func):
    """The folded form of a text, computed by the database (see folding.py)."""

    template = FOLD_SQL.replace("{column}", "%(expressions)s")
    output_field = models.TextField()


class Filing(models.Func):
    """The key by which a folded text has its place in a list (see folding.py)."""

    template = FILING_SQL.replace("{column}", "%(expressions)s")
    output_field = models.TextField()


class UrlKey(models.Func):
    """What two spellings of one web address have in common."""

    template = URL_KEY_SQL.replace("{column}", "%(expressions)s")
    output_field = models.TextField()


class IdentifierKey(models.Func):
    """What two spellings of one identifier have in common."""

    template = IDENTIFIER_KEY_SQL.replace("{column}", "%(expressions)s")
    output_field = models.TextField()


class FoldedField(models.GeneratedField):
    """A column that the database computes from another: its text without case and accents (see folding.py)."""

    def __init__(self, source: str = "heading", **options: Any) -> None:
        self.source = source
        options.update(
            expression=Fold(source),
            output_field=models.TextField(),
            db_persist=True,
        )
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        for made_here in ("expression", "output_field", "db_persist"):
            options.pop(made_here, None)
        return name, path, args, {**options, "source": self.source}
