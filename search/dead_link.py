"""What the page of a record says of an address that is known to be dead, and where an archive has copies of it."""

from datetime import datetime
from html import escape

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalogue.linkcheck import addresses
from catalogue.linkcheck.models import Link


def url_note(url: str) -> SafeString:
    """Return a sentence as HTML, "" for an address that is not known to be dead. One query."""
    link = addresses.find(url)
    if link is None or link.status != Link.Status.DEAD or link.checked is None:
        return mark_safe("")
    dates = {"checked": _day(link.checked), "alive": _day(link.alive) if link.alive else ""}
    if link.alive:
        sentence = _("This address did not answer when last checked on %(checked)s; last seen alive on %(alive)s.")
    else:
        sentence = _("This address did not answer when last checked on %(checked)s.")
    archive = escape(addresses.in_archive(url, link))
    words = escape(_("Copies in the Internet Archive"))
    return mark_safe(f'{escape(sentence % dates)} <a href="{archive}" rel="noopener nofollow">{words}</a>')  # noqa: S308


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
