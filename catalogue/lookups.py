"""Looks a DOI or an ISBN up at a service elsewhere, where the library has switched that on (LOOKUP_DOI, LOOKUP_ISBN).

The service answers in any format that is read: doi.org in CSL-JSON, catalogues by SRU in MARCXML. It is asked with the
same care as the addresses of records are (catalogue/linkcheck): never in a private network, and never for long.
"""

from dataclasses import replace
from time import monotonic
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _

from catalogue.draft import Draft, Identifier
from catalogue.linkcheck import networks
from catalogue.linkcheck.fetching import Answer, Limits, NoAnswer, Web, ask
from catalogue.linkcheck.networks import NotAllowed
from catalogue.pasting import NotUnderstood, Pasted, read_record
from catalogue.version import VERSION

ACCEPT = "application/vnd.citationstyles.csl+json, application/marcxml+xml;q=0.9, application/xml;q=0.8, */*;q=0.1"
LIMITS = Limits(connect_seconds=4.0, seconds=6.0, body=1_000_000, redirects=5)
# A person is waiting, whatever the servers of one look-up do.
MOST_SECONDS = 12.0


SCHEMES = {"doi": "DOI", "isbn": "ISBN"}


class NotFound(Exception):
    """The service said nothing that fills a form. The message says what happened, in a sentence."""


def web() -> Web:
    """Return how services are reached by these settings."""
    about = f" (+{settings.SITE_URL})" if settings.SITE_URL else ""
    return Web(f"Greyshelf/{VERSION} look-up{about}", settings.LINK_CHECK_NETWORKS, LIMITS, accept=ACCEPT)


def services() -> dict[str, str]:
    """Return where numbers of each of SCHEMES are looked up ("": nowhere)."""
    return {"doi": settings.LOOKUP_DOI, "isbn": settings.LOOKUP_ISBN}


def service_of(draft: Draft) -> tuple[str, Identifier] | None:
    """Return the address at which the number of a Draft is looked up, or None where no such service is switched on."""
    known = services()
    for item in draft.identifiers:
        if known.get(item.scheme):
            return known[item.scheme].replace(f"{{{item.scheme}}}", quote(item.value, safe="/")), item
    return None


def completed(pasted: Pasted, web: Web) -> Pasted:
    """Return what was pasted with what a service says of its number, or with a note of why it says nothing.

    A whole record that was pasted, by its title, is taken as it is.
    """
    if pasted.draft.title or not pasted.draft.identifiers:
        return pasted
    found = service_of(pasted.draft)
    if found is None:
        return replace(pasted, notes=(*pasted.notes, *_unasked(pasted.draft)))
    url, item = found
    try:
        known = read_record(_fetch(web, url))
    except (NotFound, NotUnderstood) as problem:
        sentence = _("Only the number was filled in: %(problem)s")
        return replace(pasted, notes=(*pasted.notes, sentence % {"problem": problem}))
    draft = replace(
        known.draft,
        url=known.draft.url or pasted.draft.url,
        identifiers=tuple(dict.fromkeys((item, *known.draft.identifiers))),
    )
    what = _("%(what)s, looked up at %(host)s") % {"what": pasted.what, "host": networks.read(url, web.allowed).host}
    return Pasted(draft, what, (*pasted.notes, *known.notes))


def _unasked(draft: Draft) -> tuple[str, ...]:
    """Say that nobody was asked about a number alone that could be looked up."""
    number = draft.identifiers[0].scheme
    if number not in SCHEMES or draft != Draft(url=draft.url, identifiers=draft.identifiers):
        return ()
    sentence = _("Only the number was filled in: to look up a %(scheme)s elsewhere is not switched on here.")
    return (sentence % {"scheme": SCHEMES[number]},)


def _fetch(web: Web, url: str) -> bytes:
    """Return what a service answers. Raises NotFound."""
    try:
        answer = _answer(web, url)
    except (NotAllowed, NoAnswer) as problem:
        raise NotFound(str(problem)) from None
    if answer.status in (404, 410):
        raise NotFound(_("%(host)s does not know it.") % {"host": answer.target.host})
    if not answer.is_good or not answer.body:
        raise NotFound(_("%(host)s answered with code %(code)d.") % {"host": answer.target.host, "code": answer.status})
    if len(answer.body) >= LIMITS.body:
        raise NotFound(_("The answer of %(host)s is too long for one record.") % {"host": answer.target.host})
    return answer.body


def _answer(web: Web, url: str) -> Answer:
    """Ask, and follow redirects; each is looked at like the first address. Raises NotAllowed and NoAnswer."""
    target, ends = networks.read(url, web.allowed), monotonic() + MOST_SECONDS
    for _redirect in range(web.limits.redirects):
        answer = ask(web, target, "GET")
        if not answer.is_redirect:
            return answer
        target = networks.follow(target, answer.location, web.allowed)
        if monotonic() > ends:
            break
    raise NotFound(_("%(host)s leads from address to address.") % {"host": target.host})
