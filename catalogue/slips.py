"""Facts of a record that can hardly be right, told from themselves alone: a year to come, a check digit, no DOI.

Known without the database: `import_reading` says them of the rows of a file, `doubts` beside the form.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator

from django.utils.translation import gettext as _

from catalogue.check_digits import is_isbn, is_issn
from catalogue.draft import Draft, Identifier

_DOI = re.compile(r"10\.\d{4,9}(\.\d+)*/\S+")
_NO_DIGIT = re.compile(r"[^0-9X]")


def find(draft: Draft) -> list[str]:
    """Return a sentence for each fact that may be a slip. Quick: every row of an import is looked at."""
    found = list(_numbers(draft.identifiers)) if draft.identifiers else []
    if draft.year and draft.year > time.localtime().tm_year + 1:
        found.insert(0, _("The year %(year)d is to come.") % {"year": draft.year})
    return found


def _numbers(identifiers: Iterable[Identifier]) -> Iterator[str]:
    for item in identifiers:
        if item.scheme in _CHECKS and not _CHECKS[item.scheme](item):
            yield _sentence(item.scheme) % {"value": item.value}


def _digits(item: Identifier) -> str:
    return _NO_DIGIT.sub("", item.value.upper())


_CHECKS: dict[str, Callable[[Identifier], object]] = {
    "isbn": lambda item: is_isbn(_digits(item)),
    "issn": lambda item: is_issn(_digits(item)),
    "doi": lambda item: _DOI.fullmatch(item.value),
}


def _sentence(scheme: str) -> str:
    match scheme:
        case "isbn":
            return _("“%(value)s” is no ISBN: it has 10 or 13 digits, of which the last checks the others.")
        case "issn":
            return _("“%(value)s” is no ISSN: it has 8 digits, of which the last checks the others.")
    return _("“%(value)s” does not look like a DOI, such as 10.1000/182.")
