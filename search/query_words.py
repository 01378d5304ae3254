"""Single words, phrases, truncated words and years of a query; search/query.py puts them together.

What cannot be searched as it stands is searched as plain words, and a note says so.
"""

import re
from typing import Any

from search import text
from search.nodes import Everything, Node, Note, Phrase, Range, Truncated, Word, all_of

_YEARS = re.compile(r"(?P<low>[0-9]{1,4})?(?P<dash>[-–—])?(?P<high>[0-9]{1,4})?")
_PLAIN = re.compile(r"(?!(?:AND|OR|NOT)$)\w[^\s()\"*?:=]*")
# "C#" and "C++": of such a word a letter is left, which is found in many records that do not mean it.
_SIGNED = re.compile(r"[^\W_]{1,3}[#+]+")
# What other systems write after, before or between words; the words alone are searched, and a note tells how to say it.
_LEFT_OUT = re.compile(r"!(?P<word>\w\S*)")
_BEGINNING = re.compile(r"(?P<word>[^\W_]+)\$")
_WEIGHTED = re.compile(r"(?P<word>[\w'’-]*[^\W\d_])(?:~[0-9]?|\^[0-9.]*)")
# Others have W/5 and ADJ5, too: so are shelf numbers.
_NEAR = re.compile(r"NEAR/[0-9]+")
FARTHEST = 100
_TRUNCATED = re.compile(r"\w[*]|[*]\w|\w[?]\w")
_END = re.compile(r"[^\w*]+$")


def marked(message: str) -> str:
    """Mark a message for translation; who shows it translates it."""
    return message


_ = marked


class WordReader:
    """Reads what stands between blanks, and keeps the notes of what was not understood, each once."""

    def __init__(self) -> None:
        self.notes: list[Note] = []

    def _note(self, message: str, **values: Any) -> None:
        if (note := Note(message, values)) not in self.notes:
            self.notes.append(note)

    def _foreign(self, value: str) -> str:
        """Return the word in what another system would understand, and tell how to say it here; "" for an operator."""
        if _NEAR.fullmatch(value):
            note = _('“%(value)s” was left out: words near each other are written as in "peer prison"~5.')
            self._note(note, value=value)
            return ""
        for foreign, note in (
            (_LEFT_OUT, _("“%(value)s” was searched as “%(word)s”. To leave it out, write -%(word)s.")),
            (_BEGINNING, _("“%(value)s” was searched as “%(word)s”. For all words that begin so, write %(word)s*.")),
            (_WEIGHTED, _("“%(value)s” was searched as “%(word)s”: ~ and ^ mean nothing after a word.")),
        ):
            if match := foreign.fullmatch(value):
                self._note(note, value=value[:40], word=match["word"][:40])
                return match["word"]
        return value

    def _word(self, value: str) -> Node:
        value = self._foreign(value)
        if not text.tokens(value):
            if value.strip():
                self._note(_("“%(value)s” holds nothing that can be searched."), value=value[:40])
            return Everything()
        if _SIGNED.fullmatch(value):
            note = _("“%(value)s” was searched as “%(word)s”: signs like # and + cannot be searched.")
            self._note(note, value=value, word=" ".join(text.tokens(value)))
        # What could be read as something else when it is printed and parsed again keeps its letters only.
        return Word(value if _PLAIN.fullmatch(value) else "-".join(text.tokens(value)))

    def _phrase(self, value: str) -> Node:
        inner, _quote, distance = value[1:].rpartition('"')
        words = tuple(text.tokens(inner))
        if not words:
            self._note(_("An empty phrase was left out."))
            return Everything()
        self._note_truncation(inner)
        apart = int(distance.strip(" ~") or 0)
        if apart > FARTHEST:
            self._note(_("Words can be searched at most %(count)d apart, not %(value)s."), count=FARTHEST, value=apart)
        return Phrase(words, min(apart, FARTHEST))

    def _note_truncation(self, value: str) -> None:
        if _TRUNCATED.search(value):
            note = _("“%(value)s” was searched as it stands: * and ? truncate single words only.")
            self._note(note, value=value[:40])

    def _truncated(self, value: str) -> Node:
        # "What do we know?": a question mark at the end of a word is punctuation.
        value = _END.sub("", value)
        if "*" not in value and "?" not in value:
            return self._word(value)
        pattern = _pattern(value)
        if pattern is None:
            return self._untruncated(value)
        return Truncated(pattern)

    def _untruncated(self, value: str) -> Node:
        """Return the words in what cannot be searched as a truncated one, and say so."""
        words = [part for part in re.split(r"[*?]+", value) if text.tokens(part)]
        if not words:
            note = _("“%(value)s” was left out: at least two letters must come before a * or ?.")
        elif any(map(text.is_unspaced, text.tokens(words[0]))):
            note = _("“%(value)s” was searched as “%(words)s”: * and ? cannot stand in a script without spaces.")
        else:
            note = _("“%(value)s” was searched as “%(words)s”: at least two letters must come before a * or ?.")
        self._note(note, value=value[:40], words=" ".join(words)[:40])
        return all_of([self._word(part) for part in words])


def _pattern(value: str) -> str | None:
    """Return a truncated word folded, or None where it cannot be searched so: it must begin with two letters."""
    pattern = "".join(part if part in "*?" else "".join(text.tokens(part)) for part in re.split(r"([*?])", value))
    pattern = re.sub(r"[*?]*\*[*?]*", "*", pattern)
    first = re.match(r"[^*?]*", pattern)
    if first is None or len(first[0]) < 2 or any(map(text.is_unspaced, pattern)):
        return None
    return pattern


def parse_years(value: str) -> Range | None:
    """Return the range of years in "2012", "2010-2015", "-1999" or "2015-"; None where it is none."""
    match = _YEARS.fullmatch(value.strip().replace(" ", ""))
    if not match or not (match["low"] or match["high"]):
        return None
    low = int(match["low"]) if match["low"] else None
    high = int(match["high"]) if match["high"] else None
    if not match["dash"]:
        return Range(low, low) if match["high"] is None else None
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Range(low, high)
