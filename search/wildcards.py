"""A truncated word ("rehab*", "wom?n") as a regular expression: for the words of the index, and for marking them."""

import re


def compiled(pattern: str) -> re.Pattern[str]:
    """Return what matches the whole of a word: `*` stands for any letters, `?` for one.

    What stands between two stars is looked for from left to right and never given back, which finds the same words: so
    a pattern of many stars cannot take more steps than its length times that of the word.
    """
    first, *rest = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    between = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{between}.*{rest[-1]}", re.DOTALL)
