"""Pages that say "not found" and yet answer 200: told by their title, or by what their server says of any nonsense."""

import re
import secrets
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote

from rapidfuzz import fuzz

from catalogue.linkcheck.networks import Target

# Below this much text a page is drawn by a script, and looks the same whatever it shows.
LEAST_TEXT = 200
MOST_COMPARED = 4_000
LIKE = 95.0
LONGEST_TITLE = 300
FRONT = re.compile(r"/?((index|default|home|start|welcome)(\.\w{2,5})?/?)?", re.IGNORECASE)

_TITLE = re.compile(r"<title[^>]{0,300}>([^<]{0,1000})", re.IGNORECASE)
_HEADING = re.compile(r"<h1[^>]{0,500}>(.{0,1000}?)</h1", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|head|svg)\b.*?(</\1|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{0,2000}>")
_CHARSET = re.compile(rb"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# What titles of such pages say, in the languages of our neighbours.
_NOT_FOUND = re.compile(
    r"""\b404\b(?!\s*(pages|p\.|pp))|\bnot\s+found\b|\bno\s+longer\s+(available|exists?)\b|\bdoes(\s+not|n.t)\s+exist\b
    |\bcannot\s+be\s+found\b|\bcould\s+not\s+be\s+found\b|\bpage\s+(missing|unavailable|removed)\b|\bmissing\s+page\b
    |\bnicht\s+gefunden\b|\bexistiert\s+nicht\b|\bintrouvable\b|\bnon\s+trouvée?\b|\bno\s+(se\s+)?encontrad[ao]\b
    |\bno\s+existe\b|\bnão\s+encontrad[ao]\b|\bniet\s+gevonden\b|\bhittades\s+inte\b|\bkunde\s+inte\s+hittas\b
    |\bei\s+(löydy|löytynyt)\b|\bikke\s+funnet\b|\bikke\s+fundet\b|\bblev\s+ikke\s+fundet\b|\bnon\s+trovat[ao]\b""",
    re.IGNORECASE | re.VERBOSE,
)


# What the titles of pages say that stand before a site to keep programs out; readers get past them.
_CHALLENGE = re.compile(
    r"""\bjust\s+a\s+moment\b|\battention\s+required\b|\bchecking\s+your\s+browser\b|\bnot\s+a\s+(bot|robot)\b
    |\byou\s+are\s+(a\s+)?human\b|\bhuman\s+verification\b|\bare\s+you\s+a\s+robot\b|\bcaptcha\b|\bddos-guard\b
    |\bpardon\s+our\s+interruption\b|\brequest\s+unsuccessful\b|\bsecurity\s+check\b|^\s*access\s+denied\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PASSWORD = re.compile(rb"<input[^>]{0,500}type=[\"']?password", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What can be compared of a page: where it was in the end, its title and heading, and its text."""

    url: str
    titles: tuple[str, ...]
    text: str


def read(url: str, body: bytes) -> Page:
    found = _CHARSET.search(body[:2048])
    try:
        html = body.decode(found[1].decode() if found else "utf-8", "replace")
    except LookupError:
        html = body.decode("utf-8", "replace")
    heads = [_plain(match[1]) for match in (_TITLE.search(html), _HEADING.search(html)) if match]
    return Page(url, tuple(one[:LONGEST_TITLE] for one in heads if one), _plain(_UNSEEN.sub(" ", html)))


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def says_not_found(page: Page) -> str:
    """Return the title of a page that says that there is nothing; "" for any other page."""
    # A long title is that of a document, which may well be about what was not found.
    return next((one for one in page.titles if len(one) < 120 and _NOT_FOUND.search(one)), "")


def keeps_programs_away(page: Page) -> bool:
    return any(len(one) < 120 and _CHALLENGE.search(one) for one in page.titles)


def asks_for_password(body: bytes) -> bool:
    return _PASSWORD.search(body) is not None


def is_front(target: Target) -> bool:
    """Tell whether an address is that of a whole site rather than of something in it."""
    return FRONT.fullmatch(target.path) is not None


def sibling(target: Target) -> tuple[str, str]:
    """Return a neighbour of an address that cannot exist, and the name of the place where both stand."""
    nonsense = f"greyshelf-{secrets.token_hex(8)}"
    path, mark, query = target.path.partition("?")
    if mark:
        stem = query.rpartition("=")[0]
        return f"{target.origin}{path}?{stem and stem + '='}{nonsense}", f"{target.origin}{path}?{stem}"
    folder, _slash, name = path.rstrip("/").rpartition("/")
    ending = f".{name.rpartition('.')[2]}" if "." in name else ""
    return f"{target.origin}{folder}/{nonsense}{quote(ending)}", f"{target.origin}{folder}/{ending}"


def are_alike(page: Page, nonsense: Page) -> bool:
    """Tell whether a server says of an address the same as of one that cannot exist."""
    if page.url == nonsense.url:
        return True
    if min(len(page.text), len(nonsense.text)) < LEAST_TEXT:
        return False
    return fuzz.ratio(page.text[:MOST_COMPARED], nonsense.text[:MOST_COMPARED]) >= LIKE
