"""How headings are compared: without case, without accents.

The database folds in the same way (`FOLD_SQL`, a generated column on every heading), so that a heading is unique
whoever writes it. Python must fold exactly as it does, because imports look headings up by the hundred thousand. Both
name every character that they treat: what a server takes for white space depends on its locale.
"""

import functools
import re
import unicodedata

# The combining marks of Latin, Greek and Cyrillic letters. Marks of other scripts are letters in their own right.
COMBINING_MARKS = "\u0300-\u036f"
WHITE_SPACE = "\u0009-\u000d \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# What a regular expression of the database or of Django must find in a text that is not empty.
SOMETHING = f"[^{WHITE_SPACE}]"

FOLD_SQL = (
    f"lower(regexp_replace(normalize(btrim(regexp_replace({{column}}, '[{WHITE_SPACE}]+', ' ', 'g')), NFKD), "
    f"'[{COMBINING_MARKS}]', '', 'g'))"
)

# Letters that Unicode does not take apart, as they are commonly written without their strokes.
LETTERS = {
    **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d"},
    **{"þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "n"},
}
# The key by which lists are put in order, from a folded text: Øian stands with O.
_SINGLE = {letter: plain for letter, plain in LETTERS.items() if len(plain) == 1}
FILING_SQL = functools.reduce(
    lambda sql, letter: f"replace({sql}, '{letter}', '{LETTERS[letter]}')",
    sorted(LETTERS.keys() - _SINGLE.keys()),
    f"translate({{column}}, '{''.join(_SINGLE)}', '{''.join(_SINGLE.values())}')",
)

_MARKS = re.compile(f"[{COMBINING_MARKS}]")
_SPACES = re.compile(f"[{WHITE_SPACE}]+")
_STROKES = str.maketrans(LETTERS)


def fold_heading(text: str) -> str:
    """Return the key under which a heading is unique: NFKD, no combining marks, lower case, single spaces.

    Letters are lowered one by one, as PostgreSQL does: Python's own `lower` makes a final sigma of a last Greek Σ.
    """
    if not text.isprintable() or "  " in text:  # a printable text has no other white space, and most are
        text = _SPACES.sub(" ", text)
    text = text.strip(" ")
    if text.isascii():
        return text.lower()
    decomposed = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return "".join(character.lower() for character in decomposed)


def filing_key(text: str) -> str:
    """Return the key by which lists are put in order, as the database does."""
    folded = fold_heading(text)
    return folded if folded.isascii() else folded.translate(_STROKES)
