"""The values of BibTeX fields: in braces, in quotation marks, as abbreviations, or several joined ("a" # b).

`bibtex_entries` calls it. How long a value can become is bounded: abbreviations can be made of one another, each twice
as long as the one before.
"""

import re

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError, Notes, shorten

_TOKEN = re.compile(r'\s*(?:(?P<open>[{"])|(?P<word>[^\s{}"#,=()%]+))')
_BRACE = re.compile("[{}]")
_BRACE_OR_QUOTE = re.compile('[{}"]')
_JOINT = re.compile(r"\s*#")
_DEFINED = re.compile(r"\s*([^\s=,{}()\"#%]+)\s*=\s*")
_MONTHS = "January February March April May June July August September October November December"
_LONGEST_VALUE = 1_000_000
_LONGEST_STRINGS = 20_000_000
_MOST_MISSING = 10_000


class Strings:
    """The abbreviations of a file (@string), those of the months among them."""

    def __init__(self) -> None:
        self._texts = {name[:3].lower(): name for name in _MONTHS.split()}
        self._length = 0
        self._missing: set[str] = set()

    def read(self, text: str, position: int) -> int:
        """Keep the abbreviation that is defined there; return where it ends. One that is broken is passed over."""
        match = _DEFINED.match(text, position)
        if not match:
            return position
        value, end = read_value(text, match.end(), self, Notes())
        if end < 0:
            return len(text)
        name = match.group(1).lower()
        self._length += len(value) + len(name)
        if self._length > _LONGEST_STRINGS:
            message = _("The abbreviations (@string) of this file are longer than %(limit)d characters together.")
            raise FormatError(message % {"limit": _LONGEST_STRINGS})
        self._texts[name] = value
        return end

    def text(self, word: str, notes: Notes) -> str:
        """Return what a word without braces stands for; one that is not defined is told of once a file."""
        text = self._texts.get(word.lower())
        if text is None and not word.isdecimal() and word not in self._missing and len(self._missing) < _MOST_MISSING:
            self._missing.add(word)
            message = _("The abbreviation “%(name)s” is not defined before it is used; it was taken as it is.")
            notes.warn(message % {"name": shorten(word)})
        return word if text is None else text


def read_value(text: str, position: int, strings: Strings | None, notes: Notes) -> tuple[str, int]:
    """Return the value that begins there, written out, and where it ends: -1 where it is never closed.

    Without strings it is only passed over.
    """
    pieces: list[str] = []
    length = 0
    while match := _TOKEN.match(text, position):
        if match["open"]:
            end = _closing(text, match.end("open"), match["open"])
            if end < 0:
                return "", -1
            piece, position = text[match.end("open") : end], end + 1
        else:
            piece, position = strings.text(match["word"], notes) if strings else "", match.end()
        length += len(piece)
        pieces.append(piece[: max(_LONGEST_VALUE - length + len(piece), 0)])
        joint = _JOINT.match(text, position)
        if not joint:
            break
        position = joint.end()
    if length > _LONGEST_VALUE:
        notes.warn(_("A value longer than %(limit)d characters was cut.") % {"limit": _LONGEST_VALUE})
    return "".join(pieces), position


def _closing(text: str, start: int, opening: str) -> int:
    """Return where a value that opened before `start` closes, -1 where it does not. Braces in it stand in pairs."""
    depth = 0
    for match in (_BRACE if opening == "{" else _BRACE_OR_QUOTE).finditer(text, start):
        mark = match.group()
        if mark == "{":
            depth += 1
        elif depth == 0:
            return match.start() if opening == "{" or mark == '"' else -1
        elif mark == "}":
            depth -= 1
    return -1
