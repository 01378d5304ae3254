"""How headings are compared: without case, without accents.

The database folds in the same way (`FOLD_SQL`, a generated column on every heading), so that a heading is unique
whoever writes it. Python must fold exactly as it does, because imports look headings up by the hundred thousand. Both
name every character that they treat: what a server takes for white space depends on its locale.
"""

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

_MARKS = re.compile(f"[{COMBINING_MARKS}]")
_SPACES = re.compile(f"[{WHITE_SPACE}]+")


def fold_heading(text: str) -> str:
    """Return the key under which a heading is unique: NFKD, no combining marks, lower case, single spaces.

    Letters are lowered one by one, as PostgreSQL does: Python's own `lower` makes a final sigma of a last Greek Σ.
    """
    if text.isascii():
        # Most texts are plain and have nothing to replace, and to look is much quicker than to replace.
        if not text.isprintable() or "  " in text:
            text = _SPACES.sub(" ", text)
        return text.strip(" ").lower()
    text = _SPACES.sub(" ", text).strip(" ")
    decomposed = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return "".join(character.lower() for character in decomposed)
