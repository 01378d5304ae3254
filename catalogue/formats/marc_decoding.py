"""From the bytes of a MARC record to its text. What its leader claims is often wrong, so the bytes decide, per record.

Valid UTF-8 is UTF-8. Else it is MARC-8, UTF-8 with a few bad bytes, or what any text of such bytes is guessed to be.
"""

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import gettext as _
from pymarc.marc8 import marc8_to_unicode

from catalogue.formats.base import Notes
from catalogue.formats.decoding import guess_encoding

# Turns the bytes of one field into its parts: what stands before the first subfield, then each subfield with its code.
Decode = Callable[[bytes], list[str]]
_SUBFIELD = "\x1f"
_MOST_SUBFIELDS = 5_000

# In MARC-8 an accent stands before its letter. The letters that each one (E0 to F9) is really found on.
_ANY = "abcdefghijklmnopqrstuvwxyz"
_LETTERS_UNDER = (
    "aeiouy", "aeiounwy", "aceghiklmnoprsuvwyz", "aceghijosuwyz", "aeinouvy", "aegiouy", "aegiouy",
    "abcdefghilmnoprstwxyz", "aehioutwxy", "acdeghijklnorstuz", "auwy", _ANY, _ANY, "aglnotudk", "aouiey", "mnaeiou",
    "acdeghklnrstz", "aeiouy", "abdehiklmnorstuvwyz", "atu", "almnr", _ANY, _ANY, "stkglnrd", "aco", "ahu",
)  # fmt: skip
_CARON = 0xE9
_HIGH = re.compile(rb"[\x80-\xff]+[\x00-\x7f]?")
_ACCENTED = re.compile("[\x80-\xff]+[\x00-\x7f]?")
_CHARACTER_REFERENCE = re.compile(r"&#x([0-9A-Fa-f]{4,6});")
# Two of the three bytes of an East Asian character, left over where a run of them ends.
_CUT_OFF = re.compile(rb"(\x1b[$(,]*1(?:[^\x1b]{3})*)[^\x1b]{1,2}(?=\x1b|\Z)")
# An escape that begins no sequence of MARC-8, or one that the end of the value cut off.
_NO_ESCAPE = re.compile(rb"\x1b(?![$(),1-5BENQS\-bgps])|\x1b[$(),-]{0,2}\Z")
_SEEN = 20_000
# Marks of fields and subfields as line ends, which is what a guess of an encoding understands.
_AS_LINES = bytes(10 if code in (0x1E, 0x1F) else code for code in range(256))


def _western(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("greyshelf.western", _western)


def decoder(body: bytes, leader: bytes, encoding: str, notes: Notes) -> Decode:
    """Return what turns the fields of this record into text, and warn where the record says otherwise of itself."""
    if encoding:
        return _marc8(notes) if is_marc8(encoding) else _named(encoding)
    if b"\x1b" not in body and body.isascii():
        return _utf8
    says_utf8 = leader[9:10] == b"a"
    if not body.isascii() and _is_utf8(body):
        if not says_utf8:
            notes.warn(_("This record says that it is in MARC-8, but is in UTF-8, and was read so."))
        return _utf8
    if _mostly_utf8(body):
        notes.warn(_("Some characters of this record are damaged; they were read as Windows-1252. Look at it."))
        return _named("utf-8", "greyshelf.western")
    if b"\x1b" in body or _looks_like_marc8(body[:_SEEN], says_utf8):
        if says_utf8:
            notes.warn(_("This record says that it is in UTF-8, but is in MARC-8, and was read so."))
        return _marc8(notes)
    guessed = guess_encoding(body[:_SEEN].translate(_AS_LINES))
    message = _(
        "This record is neither in UTF-8 nor in MARC-8; it was read as %(encoding)s. If not, name its encoding."
    )
    notes.warn(message % {"encoding": guessed})
    return _named(guessed)


def is_marc8(name: str) -> bool:
    """Tell whether a person named MARC-8, which Python does not know, as the encoding."""
    return name.lower().replace("-", "").replace("_", "") == "marc8"


def _utf8(data: bytes) -> list[str]:
    return data.decode("utf-8").split(_SUBFIELD, _MOST_SUBFIELDS)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) > 2 * bad


def _named(encoding: str, errors: str = "replace") -> Decode:
    return lambda data: data.decode(encoding, errors).split(_SUBFIELD, _MOST_SUBFIELDS)


def _marc8(notes: Notes) -> Decode:
    """Return a decoder that takes each part by itself: whatever character set one ends in, the next is Latin."""
    return lambda data: [_from_marc8(part, notes) for part in data.split(_SUBFIELD.encode(), _MOST_SUBFIELDS)]


def _looks_like_marc8(body: bytes, says_utf8: bool) -> bool:
    """Tell MARC-8 from Western text: “ü” is an accent before a “u” there, and one byte after which anything comes here.

    The caron proves nothing in a record that claims UTF-8: what it is before an “n” or “r” is “é” in Windows-1252.
    """
    fits, all_seen = 0, 0
    for match in _HIGH.finditer(body):
        *accents, letter = match.group()
        if letter >= 0x80:
            accents.append(letter)
        for accent in accents:
            if says_utf8 and accent == _CARON:
                continue
            all_seen += 1
            fits += _fits(accent, chr(letter).lower())
    return fits >= all_seen * (0.9 if says_utf8 else 0.6) and (all_seen > 0 or not says_utf8)


def _fits(byte: int, letter: str) -> bool:
    if byte < 0xE0:
        return 0xA1 <= byte <= 0xC8
    return byte - 0xE0 < len(_LETTERS_UNDER) and letter in _LETTERS_UNDER[byte - 0xE0]


def _from_marc8(value: bytes, notes: Notes) -> str:
    if b"\x1b" not in value and value.isascii():
        return _unreferenced(value.decode("ascii"))
    whole = value
    if b"\x1b" in value:
        whole = _CUT_OFF.sub(rb"\1", _NO_ESCAPE.sub(b"", value))
        text = _translated(whole)
    else:  # only accents and the letters under them change
        text = _ACCENTED.sub(_composed, value.decode("latin-1"))
    if whole != value or text.count(" ") > value.count(b" ") or "\ufffd" in text:
        notes.warn(
            _("A character of this record is not one of MARC-8; it is left out: %(text)s") % {"text": text[1:81]}
        )
    return _unreferenced(text)


def _translated(value: bytes) -> str:
    try:
        return str(marc8_to_unicode(value, hide_utf8_warnings=True))
    except (UnicodeError, ValueError):
        return value.decode("ascii", "replace")


def _composed(match: re.Match[str]) -> str:
    return _translated_run(match[0])


@lru_cache(maxsize=4_096)
def _translated_run(run: str) -> str:
    return _translated(run.encode("latin-1"))


def _unreferenced(text: str) -> str:
    """Replace “&#x4E00;”, by which MARC-8 writes what it has no character for."""
    return _CHARACTER_REFERENCE.sub(_referenced, text) if "&#x" in text else text


def _referenced(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else match[0]
