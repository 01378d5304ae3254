"""From bytes to lines of text, whatever the encoding, in bounded memory. Every textual format reads through here."""

import codecs
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError
from catalogue.formats.latin import guess_latin

SAMPLE_SIZE = 65_536
LINE_LIMIT = 4_000_000
UNREADABLE_SHARE = 0.05

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of encodings that differ in few letters these are guessed too often, and no file comes in them any more.
_NEVER_MEANT = [
    "mac_cyrillic", "mac_greek", "mac_iceland", "mac_latin2", "mac_roman", "mac_turkish", "johab",
    "cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140",
]  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_LINE_END = re.compile(r"\r\n|\r|\n")
# What Western European texts hold besides ASCII, once decoded as Windows-1252.
_WESTERN = re.compile(r"[\xa0-\xff€‚ƒ„…†‡‰Š‹ŒŽ‘’“”•–—™š›œžŸ]")
_FOREIGN_RUN = re.compile(r"[\xc0-\xff]{4}")


class TextSource:
    """The lines of a file. Reading starts where the file stands and never goes back, so that a pipe will do."""

    def __init__(self, file: BinaryIO, encoding: str = "") -> None:
        self._file = file
        self.sample = read_whole(file, SAMPLE_SIZE)
        self._undecided = not encoding and self.sample.isascii() and b"\x00" not in self.sample
        self.encoding = known_encoding(encoding) if encoding else guess_encoding(self.sample)
        self._seen = 0

    def sample_text(self) -> str:
        """Return the text of the first 64 KB; a last line that may be cut off is left out."""
        text = _decode_sample(self.sample, self.encoding)
        whole = len(self.sample) < SAMPLE_SIZE or "\n" not in text
        return text if whole else text[: text.rindex("\n") + 1]

    def lines(self) -> Iterator[str]:
        """Yield the lines, each with its own line end.

        Raises FormatError where bytes cannot be decoded, and where a line does not end within LINE_LIMIT characters.
        """
        pending: list[str] = []  # the pieces of a line whose end has not come yet
        length = 0
        for text in self._texts():
            *ended, rest = _divided(text)
            for line in ended:
                self._seen += 1
                yield "".join((*pending, line)) if pending else line
                pending, length = [], 0
            pending.append(rest)
            length += len(rest)
            if length > LINE_LIMIT:
                message = _(
                    "Line %(line)d is longer than %(limit)d characters. No record is that long: the file is damaged, "
                    "or in another format."
                )
                raise FormatError(message % {"line": self._seen + 1, "limit": LINE_LIMIT})
        if length:
            self._seen += 1
            yield "".join(pending)

    def texts(self) -> Iterator[str]:
        """Yield the text in pieces of any length, for a format in which lines mean nothing and may be very long."""
        for text in self._texts():
            yield text
            self._seen += text.count("\n")

    def _texts(self) -> Iterator[str]:
        decoder = self._decoder()
        first = True
        for chunk in self._chunks():
            if self._undecided and not chunk.isascii():
                # So far every encoding would have said the same: these are the first bytes that tell.
                self._undecided = False
                self.encoding = guess_encoding(chunk)
                decoder = self._decoder()
            text = self._decode(decoder, chunk)
            yield text.lstrip("\ufeff") if first else text
            first = first and not text
        yield self._decode(decoder, b"", final=True)

    def _chunks(self) -> Iterator[bytes]:
        chunk = self.sample
        while chunk:
            yield chunk
            chunk = read_whole(self._file, SAMPLE_SIZE)

    def _decoder(self) -> io.IncrementalNewlineDecoder:
        # The wrapper keeps a \r at the end of a chunk until it knows whether a \n follows.
        return io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(self.encoding)(), translate=False)

    def _decode(self, decoder: io.IncrementalNewlineDecoder, chunk: bytes, final: bool = False) -> str:
        try:
            return decoder.decode(chunk, final)
        except UnicodeError as error:
            line = self._seen + 1 + chunk[: getattr(error, "start", 0)].count(b"\n")
            message = _(
                "Line %(line)d holds bytes that are not text in %(encoding)s. Save the file as UTF-8, or name its "
                "encoding."
            )
            raise FormatError(message % {"line": line, "encoding": self.encoding}) from error


def _divided(text: str) -> list[str]:
    """Return the lines of a text, each with its own line end; the last is what has none."""
    if text.count("\r") == text.count("\r\n"):  # the usual case, and much quicker than to look for each end
        lines = text.split("\n")
        return [*(line + "\n" for line in lines[:-1]), lines[-1]]
    places = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return [text[start:end] for start, end in pairwise((*places, len(text)))]


def read_whole(file: BinaryIO, size: int) -> bytes:
    """Read until there is as much as was asked for: pipes give less at a time."""
    pieces: list[bytes] = []
    while size > 0 and (piece := file.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def known_encoding(name: str) -> str:
    """Return the name under which Python knows an encoding of text."""
    try:
        info = codecs.lookup(name)
        codecs.getincrementaldecoder(info.name)
        io.TextIOWrapper(io.BytesIO(), info.name)  # refuses what is no encoding of text, such as base64
    except (LookupError, ValueError) as error:
        message = _("There is no encoding called “%(name)s”. Try utf-8, utf-16, windows-1252 or iso-8859-1.")
        raise FormatError(message % {"name": name}) from error
    return info.name


def text_encoding(name: str) -> codecs.IncrementalDecoder:
    """Return what decodes a stream in the encoding that a person named; what is no letter in it becomes "\ufffd"."""
    return codecs.getincrementaldecoder(known_encoding(name))("replace")


def guess_encoding(sample: bytes) -> str:
    """Return the encoding of the first bytes of a file; every sample has one, since Latin-1 reads anything.

    A sample shorter than SAMPLE_SIZE is taken for the whole file.
    """
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    if b"\x00" in sample[:2_000]:
        return _guess_wide(sample)
    if _decodes(sample, "utf-8") or _damaged_utf8(sample):
        return "utf-8"
    telling = _telling_lines(sample)
    latin = guess_latin(telling)
    if latin and _decodes(sample, latin):
        return latin
    if _looks_western(sample):
        return "cp1252"
    best = from_bytes(telling, cp_exclusion=_NEVER_MEANT).best()
    if best is not None and _decodes(sample, best.encoding):
        return best.encoding
    return "cp1252" if _decodes(sample, "cp1252") else "iso8859-1"


def _guess_wide(sample: bytes) -> str:
    """Tell UTF-16 without a byte order mark: every other byte of Western text is then zero."""
    even, odd = sample[0:2_000:2].count(0), sample[1:2_000:2].count(0)
    enough = len(sample[:2_000]) // 4
    if odd > enough and even * 10 < odd:
        return "utf-16-le"
    if even > enough and odd * 10 < even:
        return "utf-16-be"
    return "utf-8" if _decodes(sample, "utf-8") else "cp1252" if _decodes(sample, "cp1252") else "iso8859-1"


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, len(sample) < SAMPLE_SIZE)
    except (UnicodeError, LookupError):
        return False
    return True


def _damaged_utf8(sample: bytes) -> bool:
    """Tell a UTF-8 file with a few bad bytes: read as Windows-1252 it would be “MÃ¼ller” from end to end."""
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in text if character > "\x7f") - bad
    return good > bad


def _looks_western(sample: bytes) -> bool:
    """Tell Windows-1252 by its accented letters standing among plain ones; Cyrillic or Greek would be runs of them."""
    if not _decodes(sample, "cp1252"):
        return False
    text = sample.decode("cp1252", "replace")
    strange = [character for character in text if character > "\x7f"]
    western = sum(1 for character in strange if _WESTERN.match(character))
    return western == len(strange) and len(_FOREIGN_RUN.findall(text)) * 20 < len(strange)


def _telling_lines(sample: bytes) -> bytes:
    """Return the lines that are not plain ASCII: they alone tell encodings apart, and guessing on less is quicker."""
    return b"\n".join(line for line in sample.split(b"\n") if not line.isascii())[:8_000]


def _decode_sample(sample: bytes, encoding: str) -> str:
    try:
        return sample.decode(encoding, "replace").lstrip("\ufeff")
    except UnicodeError:  # A few encodings that a person can name, such as punycode, replace nothing.
        return ""


def decode_sample(sample: bytes) -> str:
    """Return the first bytes of a file as text, for a format to look at. Raises nothing."""
    return _decode_sample(sample, guess_encoding(sample))


def is_text(sample: bytes) -> bool:
    """Tell whether the first bytes of a file are mostly characters that a text can hold."""
    text = decode_sample(sample)
    strange = len(_CONTROL.findall(text)) + text.count("\ufffd")
    return strange <= UNREADABLE_SHARE * len(text)
