"""Documents that are kept with records: taken by their content, kept below VAR_DIR under names of our own, and sent as
downloads. They are added and removed by document_keeping; the public gets those of published records that are public
themselves.
"""

import codecs
import uuid
import zipfile
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import FileResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import codes
from catalogue.draft import clean_line

# What a document may be: its media type, and the ending of its name when it is sent.
KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "txt": "text/plain; charset=utf-8",
}
LONGEST_NAME = 200
MOST_OF_A_RECORD = 50
# Programs that make PDF may write something before its sign.
PDF_SIGN_WITHIN = 1024
PIECE = 1024 * 1024
# A document that was sent to a browser can do nothing there, whatever it holds.
POLICY = "sandbox; default-src 'none'"


class Refused(Exception):
    """The document cannot be kept. The message says why, and what to do."""


class Attachment(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(
        "catalogue.Record", models.CASCADE, related_name="attachments", verbose_name=gettext_lazy("record")
    )
    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_NAME)
    kind = models.CharField(gettext_lazy("kind"), max_length=10, choices=[(kind, kind.upper()) for kind in KINDS])
    size = models.BigIntegerField(gettext_lazy("size"))
    is_public = models.BooleanField(gettext_lazy("public"), default=False, db_default=False)
    user_name = models.CharField(gettext_lazy("by"), max_length=150, blank=True, default="", db_default="")
    made = models.DateTimeField(gettext_lazy("added"), db_default=Now())
    # The file of one that was replaced has another name than the first: both are whole until the transaction ends.
    stored_as = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ("made", "id")
        verbose_name = gettext_lazy("document")
        verbose_name_plural = gettext_lazy("documents")
        constraints = [models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="attachment_kind_known")]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return folder() / f"{self.stored_as or self.pk}.{self.kind}"


def folder() -> Path:
    settings.DOCUMENT_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings.DOCUMENT_DIR


def largest() -> int:
    return settings.DOCUMENT_MEGABYTES * 1024 * 1024


def of_record(number: int) -> QuerySet[Attachment]:
    """Return the documents of a record, and all of those that were merged into it: each must be reached here."""
    merged = Q(record__replaced_by=number, record__status=codes.WITHDRAWN, record__withdrawn_reason="")
    return Attachment.objects.filter(Q(record=number) | merged).order_by("made", "id")


def check_size(size: int) -> None:
    """Raise Refused where a document of this size is too large."""
    if size > largest():
        message = _("The document has %(size)s, and the most is %(most)s.")
        raise Refused(message % {"size": filesizeformat(size), "most": filesizeformat(largest())})


def keep(record: Any, name: str, file: IO[bytes], user: Any, is_public: bool = False) -> Attachment:
    """Keep a document with a record. Raises Refused."""
    kind = _kept_kind(file)
    if Attachment.objects.filter(record=record).count() >= MOST_OF_A_RECORD:
        raise Refused(
            _("This record has %(most)d documents already, and that is the most.") % {"most": MOST_OF_A_RECORD}
        )
    kept = Attachment(record=record, name=_shown(name, kind), kind=kind, size=0, is_public=is_public)
    kept.user_name = user.get_username()
    try:
        kept.size = _write(kept.path, file)
        kept.save(force_insert=True)
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise
    return kept


def _kept_kind(file: IO[bytes]) -> str:
    kind = kind_of(file)
    if not kind:
        raise Refused(_("This is no document that can be kept. Bring a PDF, a DOCX or ODT file, or plain text."))
    return kind


def replace(attachment: Attachment, name: str, file: IO[bytes]) -> Attachment:
    """Keep another document in the place of one; its address stays. Belongs inside a transaction. Raises Refused."""
    kind = _kept_kind(file)
    stored_as = uuid.uuid4()
    path = folder() / f"{stored_as}.{kind}"
    try:
        size = _write(path, file)
        kept = Attachment.objects.select_for_update().get(pk=attachment.pk)
        old = kept.path
        kept.name, kept.kind, kept.size, kept.stored_as = _shown(name, kind), kind, size, stored_as
        kept.save(update_fields=["name", "kind", "size", "stored_as"])
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    transaction.on_commit(lambda: old.unlink(missing_ok=True))
    return kept


def kind_of(file: IO[bytes]) -> str:
    """Tell by its content, never by its name, what a document is; "" for none that is kept."""
    file.seek(0)
    head = file.read(PDF_SIGN_WITHIN)
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_archive(file)
    return "txt" if head.strip() and _is_text(file) else ""


class _Bounded:
    """A file that gives no large piece at once, as an archive's list of contents is which names millions of files."""

    def __init__(self, file: IO[bytes]) -> None:
        self.tell, self.seek, self.seekable = file.tell, file.seek, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        if size > PIECE:
            raise zipfile.BadZipFile
        return self._read(size if size >= 0 else PIECE)


def _kind_of_archive(file: IO[bytes]) -> str:
    try:
        names = set(zipfile.ZipFile(_Bounded(file)).namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return ""
    if "word/document.xml" in names:
        return "docx"
    file.seek(0)
    return "odt" if b"mimetypeapplication/vnd.oasis.opendocument.text" in file.read(200) else ""


def _is_text(file: IO[bytes]) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(PIECE):
            if "\0" in decoder.decode(piece):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _shown(name: str, kind: str) -> str:
    """Return the name under which a document is listed and sent: without folders, with the ending of what it is."""
    line = clean_line(name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    stem = line.rpartition(".")[0] if line.lower().endswith(f".{kind}") else line
    return f"{stem[: LONGEST_NAME - 5] or _('document')}.{kind}"


def _write(path: Path, file: IO[bytes]) -> int:
    file.seek(0)
    size = 0
    try:
        with path.open("xb") as stream:
            while piece := file.read(PIECE):
                size += len(piece)
                check_size(size)
                stream.write(piece)
    except OSError as error:
        message = _("The server cannot keep the document: %(reason)s. Ask whoever runs the server.")
        raise Refused(message % {"reason": error.strerror}) from error
    return size


def response(attachment: Attachment) -> FileResponse:
    """Send a document as a download. Raises FileNotFoundError where it is not on this machine."""
    sent = FileResponse(
        attachment.path.open("rb"), as_attachment=True, filename=attachment.name, content_type=KINDS[attachment.kind]
    )
    sent.headers["Content-Security-Policy"] = POLICY
    sent.headers["X-Content-Type-Options"] = "nosniff"
    sent.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return sent


@receiver(post_delete, sender=Attachment)
def _remove_file(instance: Attachment, **_signal: Any) -> None:
    path = instance.path  # now: what is deleted has no number any more
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
