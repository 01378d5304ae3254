"""The files that people bring, in var/uploads: under names of our own, bounded in size, and away again after some days.

The pages of the wizard write them; the worker reads them. None is ever sent to a browser as what it claims to be.
"""

import contextlib
import os
import secrets
import shutil
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.draft import clean_line
from catalogue.jobs.models import LONGEST_NAME, Import

LARGEST = 2 * 1024**3
# What must stay free on the disk for the database and all else.
RESERVE = 256 * 1024**2
LONGEST_PIECE = 8 * 1024**2
MOST_UNFINISHED = 20
# A file that is being sent by a plain form belongs to no import yet.
UNCLAIMED_SECONDS = 24 * 3600
KEPT = timedelta(days=14)
State = Import.State


class UploadRefused(Exception):
    """The file cannot be taken. The message says why, and what to do."""


class WrongOffset(Exception):
    """A piece does not begin where the file so far ends; send what follows `received` bytes."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


def folder() -> Path:
    settings.UPLOAD_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings.UPLOAD_DIR


def path(number: Any) -> Path:
    return folder() / f"{number}.upload"


def errors_path(number: Any, is_table: bool) -> Path:
    """Return where the rows of a file that were refused are kept: a table for a table, else JSON lines."""
    return folder() / f"{number}.errors.{'csv' if is_table else 'jsonl'}"


def place() -> str:
    """Return the name of this folder of uploads, made once and kept in it.

    One worker does what lies in it: a second would take the jobs of the first for cut off (tasks.take_up_again).
    """
    file = folder() / "place"
    if not file.exists():
        made = folder() / f"place.{secrets.token_hex(8)}"
        made.write_text(secrets.token_hex(8))
        with contextlib.suppress(FileExistsError):  # another process was quicker
            os.link(made, file)
        made.unlink()
    return f"uploads-{file.read_text().strip()}"


def begin(user: Any, name: str, size: int, modified: int | None = None) -> Import:
    """Return the import of a file that is to be uploaded, or that of the same file where it was interrupted.

    Raises UploadRefused.
    """
    check_room(size)
    unfinished = Import.objects.filter(user=user, state=State.UPLOADING)
    shown = file_name(name)
    known = {"name": shown, "size": size, "modified": modified, "place": place()}
    same = unfinished.filter(**known).order_by("-made").first()
    if same and path(same.pk).exists():
        return same
    for old in unfinished.order_by("-made")[MOST_UNFINISHED:]:
        remove(old)
    return Import.objects.create(user=user, **known)


def file_name(name: str) -> str:
    """Return the name of a file as it is shown: without folders, on one line."""
    line = clean_line(name.replace("\\", "/").rpartition("/")[2])
    return line[-LONGEST_NAME:] or _("without a name")


def check_room(size: int) -> None:
    """Raise UploadRefused where a file of this size is too large, or the disk too full."""
    if size <= 0:
        raise UploadRefused(_("The file is empty."))
    if size > LARGEST:
        message = _("The file has %(size)s, and the most is %(most)s. Divide it, or import it with the command.")
        raise UploadRefused(message % {"size": filesizeformat(size), "most": filesizeformat(LARGEST)})
    free = shutil.disk_usage(folder()).free
    if size + RESERVE > free:
        message = _("The server's disk has no room for %(size)s (%(free)s are free). Ask whoever runs the server.")
        raise UploadRefused(message % {"size": filesizeformat(size), "free": filesizeformat(free)})


def append(number: Any, offset: int, piece: bytes) -> Import:
    """Add a piece to a file. Raises WrongOffset, UploadRefused where the disk is full, and Import.DoesNotExist.

    A piece that was written while its answer got lost is written again in the same place.
    """
    with transaction.atomic():
        item = Import.objects.select_for_update().get(pk=number, state=State.UPLOADING)
        if offset != item.received or offset + len(piece) > item.size:
            raise WrongOffset(item.received)
        _write(path(number), offset, piece)
        item.received += len(piece)
        if item.received == item.size:
            item.state = State.READY
        item.save(update_fields=["received", "state", "touched"])
    return item


def _write(file: Path, offset: int, piece: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.truncate(descriptor, offset)
            with open(descriptor, "wb", closefd=False) as stream:
                stream.seek(offset)
                stream.write(piece)
        finally:
            os.close(descriptor)
    except OSError as error:
        message = _("The server cannot keep the file: %(reason)s. Ask whoever runs the server.")
        raise UploadRefused(message % {"reason": error.strerror}) from error


def keep(user: Any, name: str, content: bytes) -> Import:
    """Keep pasted text as a file. Raises UploadRefused."""
    check_room(len(content))
    item = adopt(user, name, uuid.uuid4(), len(content))
    try:
        _write(path(item.pk), 0, content)
    except UploadRefused:
        remove(item)
        raise
    return item


def adopt(user: Any, name: str, number: uuid.UUID, size: int) -> Import:
    """Make the import of a file that is there already, under the path of this number. Raises UploadRefused."""
    if size <= 0:
        raise UploadRefused(_("The file is empty."))
    known = {"name": file_name(name), "size": size, "received": size, "place": place()}
    return Import.objects.create(pk=number, user=user, state=State.READY, **known)


def opened(item: Import) -> BinaryIO:
    """Open the file of an import. Raises UploadRefused where it is not there any more."""
    try:
        return path(item.pk).open("rb")
    except OSError as error:
        message = _("The file is not on the server any more. Upload it again.")
        raise UploadRefused(message) from error


def remove(item: Import) -> None:
    """Remove the file and, unless it was imported, all that is known of it."""
    forget_files(item.pk)
    if item.change_set_id is None:
        item.delete()


def forget_files(number: Any) -> None:
    for file in folder().glob(f"{number}.*"):
        file.unlink(missing_ok=True)


def remove_old() -> None:
    """Remove the files that nobody has touched for some days, and those that belong to no import."""
    for item in Import.objects.filter(place=place(), touched__lt=timezone.now() - KEPT).exclude(state=State.RUNNING):
        remove(item)
    known = {str(number) for number in Import.objects.filter(place=place()).values_list("pk", flat=True)}
    long_ago = time.time() - UNCLAIMED_SECONDS
    for file in folder().glob("*.*"):
        if file.name.partition(".")[0] not in known and file.stat().st_mtime < long_ago:
            file.unlink(missing_ok=True)
