"""Files that people bring by mistake: told by their first bytes, and refused in words that say what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.formats.base import FormatError
from catalogue.formats.decoding import is_text

_IMAGE = gettext_lazy("This is an image. Bring a file of records instead.")
_PDF = gettext_lazy("This is a PDF document. Bring a file of records that describes it instead.")
_PROGRAM = gettext_lazy("This is a program, not a file of records.")
_DOCUMENT = gettext_lazy(
    "This is a document of an office program, not a table. Put its records into a table and bring that."
)
_OLD_OFFICE = gettext_lazy(
    "This is an office document of the old kind (.xls, .doc), or one with a password. Save the table as .xlsx or CSV, "
    "without a password, and bring that file."
)
_PACKED = gettext_lazy(
    "This is an archive of a kind that is not read here. Unpack it, and bring the files of records, or a zip of them."
)
_DATABASE = gettext_lazy("This is a database. Export the records from it as CSV, and bring that file.")

SIGNATURES: tuple[tuple[bytes, str | Promise], ...] = (
    (b"\x89PNG\r\n", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF87a", _IMAGE),
    (b"GIF89a", _IMAGE),
    (b"II*\x00", _IMAGE),
    (b"MM\x00*", _IMAGE),
    (b"%PDF-", _PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD_OFFICE),
    (b"{\\rtf", _DOCUMENT),
    (b"PK\x03\x04", _DOCUMENT),
    (b"BZh", _PACKED),
    (b"\xfd7zXZ\x00", _PACKED),
    (b"7z\xbc\xaf\x27\x1c", _PACKED),
    (b"Rar!\x1a\x07", _PACKED),
    (b"\x28\xb5\x2f\xfd", _PACKED),
    (b"\x7fELF", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"MZ\x90\x00", _PROGRAM),
    (b"SQLite format 3\x00", _DATABASE),
)
# Where an archive of the tape kind says that it is one.
_TAPE = slice(257, 262)


def refuse_binary(sample: bytes) -> None:
    """Raise FormatError, saying what it is, when the first bytes of a file are not those of a text."""
    if not sample.strip(b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n"):
        raise FormatError(_("The file is empty."))
    if sample[_TAPE] == b"ustar":
        raise FormatError(str(_PACKED))
    for signature, sentence in SIGNATURES:
        if sample.startswith(signature):
            raise FormatError(str(sentence))
    if not is_text(sample):
        raise FormatError(_("This is not a text file: it holds bytes that no text has. Bring a file of records."))
