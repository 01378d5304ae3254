"""`manage.py read_documents`: read the texts of the documents kept with records, here and now, for the search."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from tqdm import tqdm

from catalogue.attachments import Attachment
from catalogue.commandline import LongCommand
from catalogue.texts import reading
from catalogue.texts.models import DocumentText


class Command(LongCommand):
    help = "Read the texts of documents that have not been read yet. The worker does so by itself; this does not wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="read every document again, as if it had just come")

    def handle(self, *args: Any, **options: Any) -> None:
        again: bool = options["again"]
        keys = [document.pk for document in (_on_this_machine() if again else reading.due())]
        quiet = options["verbosity"] == 0
        states: Counter[str] = Counter()
        for key in tqdm(keys, unit=" documents", disable=quiet or not sys.stderr.isatty(), leave=False):
            text = reading.read(key, again=again)
            if text is not None:  # it may have been removed meanwhile
                states[_outcome(text)] += 1
        import_string(settings.RECORD_SEARCH_FINISH)()
        if not quiet:
            listed = ", ".join(f"{count:,} {state}" for state, count in states.most_common())
            self.stdout.write(f"{states.total():,} documents were read{': ' if listed else ''}{listed}.")


def _on_this_machine() -> Iterable[Attachment]:
    documents = Attachment.objects.order_by("made", "pk").iterator(chunk_size=500)
    return (document for document in documents if document.path.exists())


def _outcome(text: DocumentText) -> str:
    if text.state == DocumentText.State.READ:
        return "with text" if text.pages_with_text else "without text"
    return str(DocumentText.State(text.state).label)
