"""`manage.py import_headings`: bring SKOS into an authority file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalogue.authorities import skos_import
from catalogue.authorities.files import FILES
from catalogue.authorities.merging import Refused


class Command(BaseCommand):
    help = (
        "Import SKOS (RDF/XML or Turtle) into the keywords, authors or countries: wholly, or not at all. It only adds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--of", choices=sorted(FILES), default="keyword", help="which headings (default: %(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="do all of it, say what happened, take it back")
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE[:2], help="of the preferred forms (default: %(default)s)"
        )
        parser.add_argument("--reason", default="", help="for the history")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = Path(options["file"]).read_bytes()
            file, language = FILES[options["of"]], options["language"]
            report = skos_import.bring(
                file, content, language, "import_headings", options["reason"], dry=options["dry_run"]
            )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        for sentence in report.remarks:
            self.stderr.write(sentence)
        counts = ("concepts", "made", "changed", "unchanged", "forms", "relations")
        self.stdout.write(", ".join(f"{name}: {getattr(report, name)}" for name in (*counts, "remarked")))
        self.stdout.write("A trial: nothing was changed." if options["dry_run"] else "Imported.")
