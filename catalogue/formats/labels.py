"""The labels of labelled text, the two lines that begin a page, and how a line that only looks like one is marked."""

import re

from catalogue.folding import fold_heading

LABELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("authors", ("author", "authors", "author(s)")),
    ("title", ("title",)),
    ("summary", ("summary", "abstract")),
    ("details", ("details",)),
    ("source", ("source",)),
    ("year", ("year",)),
    ("country", ("country",)),
    ("url", ("url",)),
    ("shelf_number", ("shelf number",)),
    ("keywords", ("keywords", "keyword", "keyword(s)", "subjects")),
    ("language", ("language",)),
    ("kind", ("kind", "document type")),
    ("rights", ("rights",)),
    ("isbn", ("isbn",)),
    ("issn", ("issn",)),
    ("doi", ("doi",)),
    ("report", ("report number",)),
    ("identifier", ("identifier",)),
)
_FIELDS = {label: name for name, labels in LABELS for label in labels}
_LABEL = re.compile(r"\s*([A-Za-z][A-Za-z() ]{1,14}?)\s*:\s*(.*)")
_PAGE = re.compile(r"\s*(?:centenn?ial celebration\s*$|transaction search form\s*:)", re.IGNORECASE)


def label_of(line: str) -> tuple[str, str]:
    """Return the field that a line's label stands for and the value after it; two empty texts without a label."""
    match = _LABEL.match(line)
    name = _FIELDS.get(fold_heading(match.group(1)), "") if match else ""
    return (name, match.group(2).strip()) if match and name else ("", "")


def starts_page(line: str) -> bool:
    """Tell the head of a page, after which nothing is part of a record until the next one begins."""
    return bool(_PAGE.match(line))


def _misleading(line: str) -> bool:
    bare = line.lstrip("\\")
    return bool(label_of(bare)[0]) or starts_page(bare)


def escape(line: str) -> str:
    """Return a line of a value with a backslash before it where it would be taken for a label or a page."""
    return "\\" + line if _misleading(line) else line


def unescape(line: str) -> str:
    """Return the line as it was before `escape`."""
    return line[1:] if line.startswith("\\") and _misleading(line) else line
