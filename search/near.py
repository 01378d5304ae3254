"""Headings of the catalogue near some words: found by any of their forms, shown under the one that is used."""

from collections.abc import Iterator, Sequence
from typing import Any

from search.addresses import records_url
from search.engine.base import Index, Request
from search.engine.stemming import DEFAULT, stems
from search.nodes import Heading
from search.thesaurus import thesaurus

SHOWN = 8
# Forms of a larger thesaurus are not looked through one by one.
MOST_FORMS = 50_000
COMMON = frozenset(("a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to", "with"))


def near_headings(index: Index, words: Sequence[str]) -> list[dict[str, Any]]:
    """Return keywords that share a word with these, those that share the most first, each found by something."""
    wanted = [word for word in dict.fromkeys(words) if len(word) > 1 and word not in COMMON]
    if not wanted:
        return []
    found = dict.fromkeys(_by_form(wanted))
    for word in wanted:
        found.update(dict.fromkeys(one.text for one in index.complete("keyword", word, 3)))
    entries = []
    for heading in list(found)[: SHOWN * 2]:
        if count := index.count(Request(Heading("keyword", heading))):
            entries.append({"label": heading, "url": records_url("keyword", heading), "count": count})
    return entries[:SHOWN]


def _by_form(wanted: Sequence[str]) -> Iterator[str]:
    vocabulary = thesaurus().vocabulary("keyword")
    if len(vocabulary.forms) > MOST_FORMS:
        return
    sought = set(stems(wanted, DEFAULT))
    shared = {}
    for form, number in vocabulary.forms.items():
        if number in vocabulary.headings and (common := len(sought & set(stems(form.split(), DEFAULT)))):
            shared[form] = (-common, len(form))
    for form in sorted(shared, key=shared.__getitem__)[: SHOWN * 2]:
        yield vocabulary.headings[vocabulary.forms[form]]
