"""Web addresses as people type them: without a scheme, as a bare DOI, or several in one cell."""

import re

from django.utils.translation import gettext as _

from catalogue.draft import LIMITS
from catalogue.formats.base import Notes, shorten

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST = re.compile(r"(?:www\.|(?:[\w-]+\.)+[a-z]{2,24}(?:[/:?#]|$))", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s/?#]+\S*", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_SEVERAL = re.compile(r"[;|,]?\s+(?=https?://|www\.)|\|\|", re.IGNORECASE)


def read_url(text: str, notes: Notes) -> str:
    """Return the address, completed where its scheme is missing; whether it is a good one is not asked here."""
    if text.startswith(("https://", "http://")) and len(text.split(None, 1)) == 1 and "||" not in text:
        return text.strip()
    first, *others = _SEVERAL.split(" ".join(text.split()))
    if others:
        notes.warn(_("Of several addresses, the first was taken: %(value)s") % {"value": first[:80]})
    start = ""
    if _DOI.fullmatch(first):
        start = "https://doi.org/"
    elif first.startswith("//"):
        start = "http:"
    elif _HOST.match(first) and not first.lower().startswith(("http:", "https:")):
        start = "http://"
    if start:
        notes.warn(_("“%(start)s” was put before the address %(value)s.") % {"start": start, "value": first[:80]})
    return start + first


def usable_url(text: str, notes: Notes) -> str:
    """Return the address as `read_url` does, spaces encoded; what is none costs a warning, not the record."""
    return encoded(read_url(text, notes).strip(), text.strip(), notes)


def encoded(address: str, text: str, notes: Notes) -> str:
    """Return an address with its spaces encoded; empty, with a warning that quotes its text, if it is none."""
    address = _SPACES.sub("%20", address)
    if not address or (_ADDRESS.fullmatch(address) and len(address) <= LIMITS["url"]):
        return address
    notes.warn(_("This is no web address, and is left out: %(value)s") % {"value": shorten(text)})
    return ""
