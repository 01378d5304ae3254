"""What is searched besides what was typed: the heading that a form leads to, and the headings narrower than it.

A box or part of a query that as a whole names a keyword or country, by its heading or by another form, is searched for
its headings too, those that records have. The page says which, and each can be taken off: `not_also=Jails` in the
address, `also=0` for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search import addresses, text
from search.engine.base import Request
from search.nodes import And, Heading, In, Node, Or, Phrase, Word, any_of, leaves
from search.thesaurus import FIELDS, Thesaurus, key_of, thesaurus

MOST_TAKEN_OFF = 100
# So many headings are seen at once, the others once they are unfolded.
SHOWN = 8


@dataclass
class Also:
    """What the boxes of one search are expanded with."""

    data: QueryDict
    statuses: frozenset[str] = Request.statuses
    # Headings that are searched too, in their order, and those that would be but were taken off.
    searched: dict[tuple[str, str], None] = field(default_factory=dict)
    taken_off: dict[tuple[str, str], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._vocabularies: Thesaurus = thesaurus()
        self._off = {key_of(value[:500]) for value in self.data.getlist("not_also")[:MOST_TAKEN_OFF]}
        self._all_off = self.data.get("also") == "0"
        self._asked = False
        # The headings that the search asks for by itself, as an expression written by a program may.
        self._named: set[tuple[str, str]] = set()

    def expand(self, box: str, tree: Node) -> Node:
        """Return the tree of a box with the headings that it leads to."""
        self._named |= {(leaf.field, key_of(leaf.text)) for leaf in leaves(tree) if isinstance(leaf, Heading)}
        if box == "q" and (words := _whole(tree)):
            # Words that stand for no field may be found anywhere: the heading is added, what is narrower is not.
            return any_of([tree, *self._headings("keyword", words, narrower=False)])
        return self._walk(tree)

    def _walk(self, node: Node) -> Node:
        match node:
            case In(name, inner) if name in FIELDS:
                return self._in_field(name, inner, node)
            case Heading(name, words) if name in FIELDS:
                return any_of([node, *self._headings(name, key_of(words))])
            case And(nodes):
                return And(tuple(map(self._walk, nodes)))
            case Or(nodes):
                return any_of([self._walk(child) for child in nodes])
        return node

    def _in_field(self, name: str, inner: Node, node: Node) -> Node:
        if isinstance(inner, Or):
            branches = [self._in_field(name, child, In(name, child)) for child in inner.nodes]
            return any_of(branches) if any(isinstance(branch, Or) for branch in branches) else node
        words = _whole(inner)
        return any_of([node, *self._headings(name, words)]) if words else node

    def _headings(self, name: str, words: str, narrower: bool = True) -> list[Heading]:
        self._asked = True
        vocabulary = self._vocabularies.vocabulary(name)
        preferred = vocabulary.find(words)
        if not preferred:
            return []
        found = [preferred] if key_of(preferred) != words else []
        found += vocabulary.narrower(preferred) if narrower else []
        kept = []
        for heading in self._vocabularies.used(name, found, self.statuses):
            if self._all_off or key_of(heading) in self._off:
                if (name, key_of(heading)) not in self._named:
                    self.taken_off[name, heading] = None
            else:
                self.searched[name, heading] = None
                kept.append(Heading(name, heading))
        return kept

    @property
    def is_stale(self) -> bool:
        """Tell whether something was indexed since the thesaurus was looked at."""
        return self._asked and not self._vocabularies.is_current()

    def context(self) -> list[dict[str, Any]]:
        """Return the lists that the page shows, each heading with the address that takes it off or puts it back."""
        searched = [heading for _name, heading in self.searched]
        taken_off = [heading for _name, heading in self.taken_off]
        off = [(one, self._address(off=[*taken_off, one])) for one in searched]
        back = [(one, self._put_back(one, taken_off)) for one in taken_off]
        none = {"label": _("only what was typed"), "url": self._address(none=True)}
        every = {"label": _("search all of them"), "url": self._address()}
        lists = (
            _list("also-searched", _("Also searched:"), off, none),
            _list("not-also", _("Not searched:"), back, every),
        )
        return [one for one in lists if one["shown"]]

    def _put_back(self, heading: str, taken_off: Iterable[str]) -> str:
        return self._address(off=[one for one in taken_off if one != heading])

    def _address(self, off: Iterable[str] = (), none: bool = False) -> str:
        changed = self.data.copy()
        for name in ("page", "also", "not_also"):
            changed.pop(name, None)
        changed.setlist("not_also", list(off))
        if none:
            changed["also"] = "0"
        return addresses.address("results", changed)


def _list(name: str, title: str, headings: list[tuple[str, str]], every: dict[str, str]) -> dict[str, Any]:
    """Return a list of headings with their addresses; `every` is the link that is for all of them."""
    entries = [{"label": label, "url": url} for label, url in headings]
    folded = entries[SHOWN:]
    more = ngettext("%(number)d more", "%(number)d more", len(folded)) % {"number": len(folded)}
    return {
        "name": name,
        "title": title,
        "shown": entries[:SHOWN],
        "folded": folded,
        "more": more,
        "every": every if len(entries) > 1 else None,
    }


def _whole(node: Node) -> str:
    """Return plain words or a phrase as one text that may name a heading; "" for anything else."""
    match node:
        case Word(words):
            return " ".join(text.tokens(words))
        case Phrase(words, 0):
            return " ".join(words)
        case And(nodes) if all(isinstance(child, Word) for child in nodes):
            return " ".join(token for child in nodes if isinstance(child, Word) for token in text.tokens(child.text))
    return ""
