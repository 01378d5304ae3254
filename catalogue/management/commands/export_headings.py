"""`manage.py export_headings`: write an authority file as SKOS."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalogue.authorities import skos
from catalogue.authorities.files import FILES


class Command(BaseCommand):
    help = "Export all keywords, authors or countries as SKOS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--format", choices=sorted(skos.SYNTAXES), default="ttl", help="Turtle (ttl) or RDF/XML (rdf)"
        )
        parser.add_argument(
            "--of", choices=sorted(FILES), default="keyword", help="which headings (default: %(default)s)"
        )
        parser.add_argument("--output", metavar="FILE", help="where to write; default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        base = settings.SITE_URL or f"http://{settings.HOST}:{settings.PORT}"
        content = skos.serialize(FILES[options["of"]], base, options["format"])
        if not options["output"]:
            sys.stdout.buffer.write(content)
            return
        try:
            Path(options["output"]).write_bytes(content)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from None
