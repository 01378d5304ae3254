"""What a truncated word stands for, decided the same by the engine and by the marking of words."""

import re


def pattern_of(truncated: str) -> re.Pattern[str]:
    """Return what matches whole the words that `rehab*` or `wom?n` stands for.

    Each part between two stars is looked for once, at its first place, and never again: that finds the same, and
    what is typed cannot make the search begin over and over.
    """
    first, *parts = (re.escape(part).replace(r"\?", ".") for part in truncated.split("*"))
    between = "".join(f"(?>.*?{part})" for part in parts[:-1])
    return re.compile(first + between + (f".*{parts[-1]}" if parts else ""), re.DOTALL)
