"""How text becomes the words that are indexed and searched. The index and every query go through `tokens`.

Case and accents fall away, "U.K." is "uk", apostrophes vanish ("don't" is "dont") unless a word before them is cut
short ("l'école", "O'Brien"), hyphens part words, and scripts that are written without spaces (Chinese, Japanese, Thai
and their neighbours) are cut into pairs of characters.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator

from catalogue.folding import LETTERS

APOSTROPHES = "'’‘ʼʹ＇`´‛′"
HYPHENS = "-‐‑‒–—―−﹣－\u00ad"

_LETTERS = str.maketrans(LETTERS)
_PUNCTUATION = str.maketrans({**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(HYPHENS, "-")})

# Words that are longer are not remembered: they are hardly met again.
LONGEST_KNOWN = 40

_UNSPACED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Chinese characters
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
# "U.K." and "U.K", but of "J.R.Smith" the initials alone.
_ABBREVIATION = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b(?:\.(?!\w))?")
_DOTTED = re.compile(r"\.[^\W\d_]")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
# Words of French, Italian, Catalan and of names that are cut short before the next: it is a word of its own.
_ELISION = re.compile(
    r"(?<![^\W_])(?<!')(o|l|d|j|m|n|s|t|c|qu|jusqu|lorsqu|puisqu|quelqu|dell|nell|dall|sull|all|un|quest|quell)'(?=[^\W_])"
)
_VOWEL_SIGNS = (
    "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640"  # Hebrew and Arabic points, which are mostly left out
)
# What has a hyphen or an apostrophe in it, or one of the signs that decompose to one.
_PARTED = re.escape(HYPHENS + APOSTROPHES + "\u207b\u208b\ufe31\ufe32\ufe58")
_HYPHENATED = re.compile(rf"(?<!\S)[^\s{_PARTED}]*[{_PARTED}]\S*")
# Plain letters and digits stay, an apostrophe vanishes, everything else parts words.
_ASCII_APART = {code: None if chr(code) == "'" else chr(code) if chr(code).isalnum() else " " for code in range(128)}
_MARKS = re.compile(f"[\u0300-\u036f{_VOWEL_SIGNS}]")


def fold(text: str) -> str:
    """Return the text in lower case, without accents, its apostrophes and hyphens of one sort."""
    if text.isascii():
        return text.lower().replace("`", "'")
    text = unicodedata.normalize("NFKD", text.translate(_PUNCTUATION))
    text = _MARKS.sub("", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", text).translate(_PUNCTUATION)


def tokens(text: str) -> list[str]:
    """Return the folded words of a text in their order."""
    if text.isascii():
        folded = _parted(fold(text))
        if "''" not in folded:  # between two of them a word ends, as between spaces
            return folded.translate(_ASCII_APART).split()
    # No word reaches over a space, and most of a text are words that it has had before.
    return [token for chunk in text.split() for token in (_known if len(chunk) < LONGEST_KNOWN else _cut)(chunk)]


def _cut(chunk: str) -> tuple[str, ...]:
    return tuple(token for word in words(chunk) for token in word)


_known = functools.lru_cache(50_000)(_cut)


def words(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the tokens of each word: mostly one, several for a word with hyphens or in a script without spaces."""
    for match in _WORD.finditer(_parted(fold(text))):
        word = match[0]
        if word.isascii() and word.isalnum():
            yield (word,)
        else:
            yield tuple(_parts(word.replace("'", "")))


def _parted(folded: str) -> str:
    """Return a folded text with a hyphen after what is cut short, and without the points of abbreviations."""
    if _has_elisions(folded):
        folded = _ELISION.sub(r"\1-", folded)
    return _without_abbreviations(folded)


def _has_elisions(folded: str) -> bool:
    return "'" in folded and _ELISION.search(folded) is not None


def _without_abbreviations(folded: str) -> str:
    if not _DOTTED.search(folded):  # as most texts are: to look is much quicker than to replace
        return folded
    return _ABBREVIATION.sub(lambda match: match[0].replace(".", ""), folded)


def _parts(word: str) -> Iterator[str]:
    for part in word.split("-"):
        if not part.isascii() and _UNSPACED_RUN.search(part):
            yield from _pairs(part)
        elif part:
            yield part


def _pairs(text: str) -> Iterator[str]:
    last = 0
    for run in _UNSPACED_RUN.finditer(text):
        if run.start() > last:
            yield text[last : run.start()]
        characters = run[0]
        if len(characters) == 1:
            yield characters
        else:
            yield from (characters[i : i + 2] for i in range(len(characters) - 1))
        last = run.end()
    if last < len(text):
        yield text[last:]


def joined_hyphenations(text: str) -> list[str]:
    """Return the words of a text with hyphens ("cooperation"), or cut short ("obrien"), in one piece each."""
    if text.isascii() and "-" not in text and not _has_elisions(fold(text)):
        return []
    found = []
    for chunk in _HYPHENATED.findall(text):  # a word never reaches over a space
        for match in _WORD.finditer(_ELISION.sub(r"\1-", fold(chunk))):
            if "-" in match[0] and not _UNSPACED_RUN.search(match[0]):
                found.append(match[0].replace("-", "").replace("'", ""))
    return found


def accented_words(text: str) -> list[str]:
    """Return the words of a text that folding changes by more than their case, in lower case as they stand."""
    if text.isascii():
        return []
    normal = _ELISION.sub(r"\1 ", unicodedata.normalize("NFC", text.translate(_PUNCTUATION)).lower())
    return [match[0] for match in _WORD.finditer(normal) if not match[0].isascii() and fold(match[0]) != match[0]]


def is_unspaced(token: str) -> bool:
    """Tell whether a token comes from a script that is cut into pairs of characters."""
    return not token.isascii() and bool(_UNSPACED_RUN.fullmatch(token))
