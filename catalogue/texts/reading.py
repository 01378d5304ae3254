"""Reads the texts of documents into their tables, and says what came of it. The queue and `read_documents` call it."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from catalogue.attachments import Attachment
from catalogue.changes import records_changed
from catalogue.texts import apart
from catalogue.texts.models import VERSION, DocumentPage, DocumentText

State = DocumentText.State
# A document whose reading was cut off so often is left alone: it may be what ends the worker.
MOST_TRIES = 3
# So many pages are written in one statement.
WRITTEN_AT_ONCE = 200
PAGED = ("pdf",)


def due() -> Iterator[Attachment]:
    """Yield the documents on this machine whose text has not been read, or not as it is read now; oldest first."""
    unread = Q(text=None) | Q(text__version__lt=VERSION) | Q(text__state__in=(State.BEGUN, State.MISSING))
    for document in Attachment.objects.filter(unread).order_by("made", "pk").iterator(chunk_size=500):
        if document.path.exists():
            yield document


def read(key: Any, is_ending: Callable[[], bool] = bool, again: bool = False) -> DocumentText | None:
    """Read the text of a document, unless it has been read; None where it was removed or
    replaced meanwhile. Raises apart.Interrupted."""
    with transaction.atomic():
        document = Attachment.objects.select_for_update().filter(pk=key).first()
        if document is None:
            return None
        text, _made = DocumentText.objects.get_or_create(document=document, defaults={"state": State.BEGUN})
        if not again and text.version == VERSION and text.state not in (State.BEGUN, State.MISSING):
            return text
        _begin(text, again)
    if text.state == State.GIVEN_UP:
        return text
    try:
        found = apart.extract(document.kind, document.path, is_ending)
    except apart.Interrupted:
        DocumentText.objects.filter(pk=key).update(tries=F("tries") - 1)
        raise
    return _write(document, found)


def _begin(text: DocumentText, again: bool) -> None:
    """Note that the reading begins, or that it is given up."""
    is_new = again or text.version != VERSION
    text.tries = 1 if is_new else text.tries + 1
    text.version = VERSION
    text.state = State.BEGUN if text.tries <= MOST_TRIES else State.GIVEN_UP
    text.made = Now()
    text.save()


def _write(document: Attachment, found: apart.Extract) -> DocumentText | None:
    """Write what was found in place of what was there before, all or nothing."""
    with transaction.atomic():
        # Whoever removes or replaces the document meanwhile comes before or after, never between.
        locked = Attachment.objects.select_for_update().filter(pk=document.pk).first()
        if locked is None or locked.path != document.path:
            return None
        DocumentPage.objects.filter(document=locked).delete()
        pages = [DocumentPage(document=locked, number=number, text=text) for number, text in found.pages]
        DocumentPage.objects.bulk_create(pages, batch_size=WRITTEN_AT_ONCE)
        text = DocumentText(
            document=locked,
            state=State(found.end.value),
            page_count=found.page_count,
            pages_with_text=len(pages),
            characters=found.characters,
            version=VERSION,
            made=Now(),
        )
        text.save()
        transaction.on_commit(lambda: records_changed.send_robust(sender=Attachment))
    return text


def sentence(document: Attachment) -> str:
    """Return what the desk says of a document's text."""
    text: DocumentText | None = getattr(document, "text", None)
    if text is None:
        return _("Its text has not been read yet.")
    if text.state == State.BEGUN:
        return _("Its text is being read.")
    return _kept(document, text) if text.pages_with_text else _nothing(document, text)


def _kept(document: Attachment, text: DocumentText) -> str:
    if document.kind not in PAGED:
        whole = _("Its text can be searched.") if text.state == State.READ else _("The beginning can be searched.")
        return whole if document.is_public else _("Its text can be searched once the public may have it.")
    values = {"number": text.pages_with_text, "all": text.page_count}
    if text.state != State.READ:
        sentences: dict[str, str] = {
            State.SLOW: _(
                "Pages with text that could be read within a minute: %(number)d. The others are not searched."
            ),
            State.LONG: _("It is very long. Pages that can be searched: the first %(number)d."),
        }
        damaged = _("It is damaged. Pages that could be read, and can be searched: %(number)d.")
        said = sentences.get(text.state, damaged)
    elif text.pages_with_text < text.page_count:
        said = _("Pages that can be searched: %(number)d of %(all)d. The others have no text: they may be scans.")
    else:
        said = _("Pages that can be searched: %(number)d.")
    said %= values
    return said if document.is_public else said + " " + _("They are, once the public may have it.")


def _nothing(document: Attachment, text: DocumentText) -> str:
    sentences: dict[str, str] = {
        State.PROTECTED: _("It is protected by a password: its text cannot be searched. Keep one without a password."),
        State.MISSING: _("It is not on this server: its text cannot be read."),
        State.DAMAGED: _("It is damaged: its text cannot be searched. Keep it anew, from where it came from."),
        State.SLOW: _("To read its text takes longer than a minute: it cannot be searched."),
        State.HUGE: _("To read its text takes more memory than it may have: it cannot be searched."),
        State.GIVEN_UP: _("Its text could not be read: each time it was cut off."),
    }
    empty = _("This PDF has no text: it may be a scan.") if document.kind == "pdf" else _("It has no text.")
    return sentences.get(text.state, empty)
