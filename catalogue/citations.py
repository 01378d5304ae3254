"""One reference in plain text, after the style of the American Psychological Association, for a reader to copy."""

import re

from catalogue import codes
from catalogue.draft import Draft, Name, clean_line
from catalogue.imprint import read_imprint

MOST_NAMED = 20
# Dates of birth and death, which some headings have: "Mill, John Stuart, 1806-1873".
_DATES = re.compile(r"\d{4}")
_SUFFIX = re.compile(r"(?:[JS]r\.?|[IVX]+)", re.IGNORECASE)


def cite(draft: Draft, address: str = "") -> str:
    """Return "Fletcher, D. R. (2012). Title. Publisher. URL": plain text, to be escaped wherever it is shown.

    `address` is that of the record, named where the document has none of its own.
    """
    date = f"({'n.d.' if draft.year is None else draft.year})."
    title = _sentence(clean_line(draft.title))
    authors = _authors(draft.authors)
    imprint = read_imprint(draft.details)
    own_publisher = [name.heading for name in draft.authors] == [imprint.publisher]
    parts = [
        *([_sentence(authors), date, title] if authors else [title, date]),
        "" if own_publisher else _sentence(imprint.publisher),
        draft.url or address,
    ]
    return " ".join(part for part in parts if part)


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "?", "!", "…")) else text + "."


def _authors(names: tuple[Name, ...]) -> str:
    written = [_name(name) for name in names]
    if len(written) <= 1:
        return "".join(written)
    if len(written) > MOST_NAMED:
        return ", ".join([*written[: MOST_NAMED - 1], f"… {written[-1]}"])
    return ", ".join(written[:-1]) + f", & {written[-1]}"


def _name(name: Name) -> str:
    heading = clean_line(name.heading)
    if name.kind == codes.BODY:
        return heading
    last, *rest = [part.strip() for part in heading.split(",")]
    rest = [part for part in rest if part and not _DATES.search(part)]
    suffixes = [part for part in rest[1:] if _SUFFIX.fullmatch(part)]
    given = [_initials(rest[0])] if rest else []
    return ", ".join([last, *given, *suffixes])


def _initials(given: str) -> str:
    """Return "D. R." for "Del Roy", "J.-P." for "Jean-Paul"; a name in a script without capitals stays whole."""
    words = given.replace(".", ". ").split()
    return " ".join("-".join(_initial(part) for part in word.split("-") if part) for word in words)


def _initial(part: str) -> str:
    first = part[0]
    return f"{first.upper()}." if first.isalpha() and first.upper() != first.lower() else part
