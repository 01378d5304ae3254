"""Records like a record: by the rare words of its title, its keywords and its authors."""

from catalogue.models import Record
from search import text
from search.cards import Card, read_cards
from search.engine.base import Index, Request
from search.engine.stemming import stems
from search.highlighting import Marker
from search.index import catalogue
from search.nodes import In, Node, Word, all_of

SHOWN = 6
# Words in more than this share of the records say nothing, and take long to look up.
COMMON_SHARE = 0.05
FEWEST_COMMON = 50
MOST_WORDS = 12
MOST_ALONE = 6
MOST_CONSIDERED = 100
# A record that scores less than this share of what the record itself scores is not like it.
LIKENESS = 0.15
# The same author or keyword says more than the same word of a title; a loose search counts what is repeated.
TIMES = {"": 1, "keyword": 2, "author": 3}


def read_related(record: Record, card: Card) -> list[Card]:
    """Return the cards of the published records most like one, none where nothing is like it."""
    index = catalogue().use()
    tree = _tree(index, record, card)
    if tree is None:
        return []
    request = Request(tree, loose=True, limit=SHOWN + 1)
    hits = index.search(request).hits
    own = next((hit.score for hit in hits if hit.number == record.pk), None)
    if own is None:  # as many others are just the same
        own = max((hit.score for hit in hits), default=0.0)
    like = [hit.number for hit in hits if hit.number != record.pk and hit.score >= own * LIKENESS]
    return read_cards(like[:SHOWN], Marker({})) if like else []


def _tree(index: Index, record: Record, card: Card) -> Node | None:
    """Return the rarest words as a query; None where there are none that say anything."""
    wanted = [("", word) for word in text.tokens(record.title)]
    wanted += [("keyword", word) for heading in card.keywords for word in text.tokens(heading)]
    wanted += [("author", word) for heading in card.authors for word in text.tokens(heading)]
    wanted = list(dict.fromkeys(wanted))[:MOST_CONSIDERED]
    stem = {word: stems([word], record.language)[0] for _, word in wanted if len(word) > 1}
    known = index.frequencies(stem.values())
    frequencies = {one: known[stem[one[1]]] for one in wanted if one[1] in stem}
    most = max(index.size * COMMON_SHARE, FEWEST_COMMON)
    telling = [one for one, frequency in frequencies.items() if 1 < frequency <= most]
    if not telling:
        return None
    # What no other record has finds none, but tells how little the others are like this one.
    alone = [one for one, frequency in frequencies.items() if frequency == 1][:MOST_ALONE]
    rarest = sorted(telling, key=frequencies.__getitem__)[:MOST_WORDS]
    asked = [one for one in (*rarest, *alone) for _ in range(TIMES[one[0]])]
    return all_of([In(field, Word(word)) if field else Word(word) for field, word in asked])
