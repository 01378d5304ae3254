"""A plain text found in one field of a record and replaced: a step of a batch edit (see steps.py).

Plain texts alone: what is found in time that grows with the length of the field, whoever wrote the text.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.draft import LIMITS, Draft

FIELDS = {
    "title": gettext_lazy("title"),
    "summary": gettext_lazy("summary"),
    "details": gettext_lazy("details"),
    "source": gettext_lazy("source"),
    "url": gettext_lazy("URL"),
    "shelf_number": gettext_lazy("shelf number"),
    "rights": gettext_lazy("rights"),
}
LONGEST = 500


class TooLong(Exception):
    """What a step would make of a value is longer than its field holds. The message says so."""


@functools.lru_cache(maxsize=100)
def _pattern(find: str, match_case: bool, whole_words: bool) -> re.Pattern[str]:
    escaped = re.escape(find)
    if whole_words:
        before = r"(?<!\w)" if re.match(r"\w", find) else ""
        after = r"(?!\w)" if re.search(r"\w\Z", find) else ""
        escaped = f"{before}{escaped}{after}"
    return re.compile(escaped, 0 if match_case else re.IGNORECASE)


@dataclass(frozen=True)
class FindAndReplace:
    """`find` stands for itself, not for a pattern; blanks at its ends count."""

    field: str
    find: str
    put: str = ""
    match_case: bool = False
    whole_words: bool = False

    kind = "replace"

    def apply(self, draft: Draft) -> Draft:
        """Return the Draft with every occurrence replaced. Raises TooLong."""
        text: str = getattr(draft, self.field)
        pattern = _pattern(unicodedata.normalize("NFC", self.find), self.match_case, self.whole_words)
        found = sum(1 for _match in pattern.finditer(text))
        if not found:
            return draft
        # Before it is made: a thousand summaries of commas could otherwise become gigabytes.
        length = len(text) + found * (len(self.put) - len(self.find))
        if length > max(LIMITS[self.field], len(text)):
            message = _("It would be %(length)d characters long; the longest that can be kept is %(limit)d.")
            raise TooLong(message % {"length": length, "limit": LIMITS[self.field]})
        values: dict[str, Any] = {self.field: pattern.sub(lambda _match: self.put, text)}
        return replace(draft, **values)

    @property
    def sentence(self) -> str:
        values = {"field": FIELDS[self.field], "find": self.find, "put": self.put}
        if self.put:
            said = _("In the %(field)s, replace “%(find)s” by “%(put)s”") % values
        else:
            said = _("In the %(field)s, take out “%(find)s”") % values
        notes = [_("match case")] * self.match_case + [_("whole words")] * self.whole_words
        return f"{said} ({', '.join(notes)})" if notes else said

    @property
    def when_nothing(self) -> str:
        """Why a record stays as it is."""
        values = {"find": self.find, "field": FIELDS[self.field]}
        return _("“%(find)s” does not stand in the %(field)s.") % values

    def led(self, preferred: Mapping[str, Mapping[str, str]]) -> "FindAndReplace":
        return self
