"""The addresses of a MARC record (856): the one of the document, and the others with what they lead to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pymarc import Field

from catalogue.draft import LIMITS
from catalogue.formats.addresses import read_url
from catalogue.formats.base import Notes
from catalogue.formats.marc_details import plain, within
from catalogue.formats.marc_text import Marc, second, value, values, without_marks

_WEB = re.compile(r"(?:https?|ftp)://[^\s/?#]+\S*", re.IGNORECASE)
_BESIDE = re.compile(
    r"table of contents|inhaltsverzeichnis|\btoc\b|contributor|publisher description|sample text|abstract|cover|review"
    r"|finding aid|inhaltstext|biographical",
    re.IGNORECASE,
)
_RESTRICTED = re.compile(
    r"restrict|subscri|licen[cs]ed|log ?in|authori[sz]ed|only (?:available|for)|limited to|users only|proxy"
    r"|off.?campus",
    re.IGNORECASE,
)
# From here on an address is not that of the document, but of something about it.
_BESIDE_RANK = 4


@dataclass(frozen=True)
class Links:
    """The best address, what restricts it, and where else and from where the document is known."""

    url: str = ""
    restriction: str = ""
    source: str = ""


@dataclass(frozen=True)
class _Link:
    url: str
    label: str
    rank: int

    @property
    def text(self) -> str:
        return f"{self.label}: {self.url}" if self.label else self.url


def read_links(record: Marc, notes: Notes) -> Links:
    """Return the address to follow first: of the document itself, and open to all where there is a choice."""
    links = [link for field in record.fields("856") for link in _links(field, notes)]
    best = min(
        (link for link in links if link.rank < _BESIDE_RANK and _can_be_kept(link.url)),
        key=lambda link: link.rank,
        default=None,
    )
    seen = [plain(field, "a") for field in record.fields("588")]
    others = [link.text for link in links if best is None or link.url != best.url]
    source = within(LIMITS["source"], " ", list(dict.fromkeys(filter(None, (*seen, *others)))), notes)
    if best is None:
        return Links(source=source)
    return Links(best.url, best.label if _RESTRICTED.search(best.label) else "", source)


def _links(field: Field, notes: Notes) -> Iterator[_Link]:
    label = without_marks(" ".join(text.strip() for text in values(field, "3yz")))
    for text in (one for one in values(field, "u") if len(one) <= LIMITS["url"]):
        url = read_url(text.strip().replace(" ", "%20"), notes)
        yield _Link(url, label, _rank(field, label))


def _rank(field: Field, label: str) -> int:
    """Return how far an address is from the document: 0 is the resource itself, open to all."""
    rank = {"0": 0, " ": 0, "1": 1}.get(second(field), _BESIDE_RANK)
    if _BESIDE.search(label):
        rank += _BESIDE_RANK
    if _RESTRICTED.search(label) or value(field, "7") == "1":
        rank += 2
    return rank


def _can_be_kept(url: str) -> bool:
    return bool(_WEB.fullmatch(url)) and len(url) <= LIMITS["url"]
