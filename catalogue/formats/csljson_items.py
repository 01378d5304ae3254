"""Cuts the objects out of a JSON list as its text streams by, each to be read alone. `csljson` calls it.

ijson streams too, but it stops at the first mistake; here a broken object costs no other, and memory holds one.
"""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from catalogue.formats.base import FormatError
from catalogue.formats.decoding import LINE_LIMIT

# A whole string, or one that a line end or the end of the text cuts off, or a brace.
_TOKEN = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*(?P<end>["\n]|\\?\Z)|(?P<brace>[{}])', re.DOTALL)
_WRAPPER = re.compile(r'\s*\{\s*"(?:items|references)"\s*:\s*\[')


def items(texts: Iterable[str]) -> Iterator[str]:
    """Yield the text of each object in the list, or in the list that the one object of the file holds."""
    cutter = _Cutter()
    for text in texts:
        yield from cutter.take(text)
    yield from cutter.rest()


class _Cutter:
    def __init__(self) -> None:
        self._text = ""
        self._position = 0
        self._start = -1  # of the object that is open
        self._depth = 0
        self._between = 0  # how much was read since the last object
        self._looked = False

    def take(self, text: str) -> Iterator[str]:
        """Take the next piece of the file; yield the objects that it closes."""
        self._text += text
        if not self._looked and len(self._text.lstrip()) > 1:
            self._looked = True
            wrapper = _WRAPPER.match(self._text)
            self._position = wrapper.end() if wrapper else 0
        while match := _TOKEN.search(self._text, self._position):
            if match["brace"] is None and match["end"] not in ('"', "\n"):
                self._position = match.start()
                break  # the string goes on in the next piece
            self._position = match.end()
            if match["brace"] and self._closes(match["brace"], match.start()):
                yield self._text[self._start : self._position]
                self._start, self._between = -1, -self._position
        else:
            self._position = len(self._text)
        self._forget()

    def _closes(self, brace: str, position: int) -> bool:
        if brace == "{":
            self._depth += 1
            if self._depth == 1:
                self._start = position
            return False
        self._depth = max(self._depth - 1, 0)
        return self._depth == 0 and self._start >= 0

    def _forget(self) -> None:
        """Drop what was read, but for the object that is open."""
        read = self._start if self._start >= 0 else self._position
        self._text = self._text[read:]
        self._position -= read
        self._between = 0 if self._start >= 0 else self._between + read
        self._start = 0 if self._start >= 0 else -1
        if len(self._text) + self._between > LINE_LIMIT:
            message = _(
                "A reference is longer than %(limit)d characters: a brace or a quotation mark in it is never closed, "
                "or the file is in another format."
            )
            raise FormatError(message % {"limit": LINE_LIMIT})

    def rest(self) -> Iterator[str]:
        """Yield what was never closed: the file was cut off in it."""
        if self._start >= 0 and self._text.strip():
            yield self._text
