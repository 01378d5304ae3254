"""The year in a date that somebody typed: "2019-06-28T00:00:00", "28.6.2019", "c2019", "[2019?]", "June 2019"."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from catalogue.draft import FIRST_YEAR, LAST_YEAR, clean_line
from catalogue.formats.base import Notes, shorten

# What people write for "there is no date", without dots and spaces.
NO_DATE = frozenset(("nd", "sa", "oj", "sd", "unknown", "undated", "nodate", "none", "null", "na", "n/a", "–", "?"))
# What programs write where there must be a number or a date: "0", "0000-00-00 00:00:00".
_NOUGHTS = re.compile(r"[0\s:/.-]+")

_ISO = re.compile(r"(\d{4})-\d\d-\d\d[T ]\d")
_PLAIN = re.compile(r"(\d{3,4})(?:[.,]0+)?")
# What a spreadsheet adds to a number.
_DECIMALS = re.compile(r"(?<=\d)[.,]0+$")
_PACKED = re.compile(r"(1[5-9]\d\d|20\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_FOUR_DIGITS = re.compile(r"(?<!\d)(?:1\d{3}|20\d\d|2100)(?!\d)")
_SHORT_SPAN = re.compile(r"(?<!\d)\d{4}\s*[-–/]\s*(?:1[3-9]|[2-9]\d)(?!\d)")
_LONG_NUMBER = re.compile(r"\d{3}")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_WORDS = 3


def read_year(text: str, notes: Notes) -> int | None:
    """Return the year of a date of any usual form, and None for none.

    Several years ("2019-2020") give the first and a warning; a text that is no date is a problem.
    """
    text = text.strip()
    if not text or _NOUGHTS.fullmatch(text) or re.sub(r"[.\s]", "", text).lower().strip("[]()") in NO_DATE:
        return None
    for form in (_PLAIN, _PACKED):
        if match := form.fullmatch(text):
            return int(match.group(1))
    if match := _ISO.match(text):
        return int(match.group(1))
    years = _years_of_date(text)
    if not years:
        notes.problem("year", text, _("No year can be read from this. Write it with four digits, like 2019."))
        return None
    if len(years) > 1 or _SHORT_SPAN.search(text):
        notes.warn(_("“%(value)s” names several years; %(year)d was taken.") % {"value": text[:80], "year": years[0]})
    return years[0]


def read_date(text: str, notes: Notes) -> tuple[int | None, str]:
    """Return the year of a date, and the date itself where no year can be read from it ("forthcoming", "750 BC").

    It then belongs into the details (`with_date`): a record without a year is still worth having.
    """
    if len(text) == 4 and text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text), ""  # nearly all are so
    own = Notes()
    year = read_year(text, own)
    notes.warnings.extend(own.warnings)
    if not own.problems and (year is None or FIRST_YEAR <= year <= LAST_YEAR):
        return year, ""
    date = shorten(_DECIMALS.sub("", clean_line(text)))
    notes.warn(_("No year can be read from “%(value)s”; it stands in the details.") % {"value": date})
    return None, date


def with_date(details: str, date: str) -> str:
    """Return the details with a date at their end that no year could be read from."""
    if not date or date in details:
        return details
    return f"{details.rstrip()}{'' if details.rstrip().endswith(('.', '?', '!')) else '.'} {date}" if details else date


def first_issued(dates: Iterable[str]) -> str:
    """Return the date on which a document came out, of all that a repository gives: those with a time of day are its
    own, of when the record was put in or changed."""
    dates = [date.strip() for date in dates if date.strip()]
    return next((date for date in dates if not _ISO.match(date)), dates[0] if dates else "")


def _years_of_date(text: str) -> list[int]:
    """Return the different years; none where the rest of the text shows that this is no date ("-720", "ISO 9001")."""
    rest = _FOUR_DIGITS.sub(" ", text)
    if text.startswith("-") or _LONG_NUMBER.search(rest) or len(_WORD.findall(rest)) > _MOST_WORDS:
        return []
    return list(dict.fromkeys(int(number) for number in _FOUR_DIGITS.findall(text)))
