"""Values as other programs left them, put right: garbled letters ("GonzÃ¡lez") and HTML. Every reader calls it.

It changes what is plainly damaged and nothing else: no quotation mark is turned, nothing is normalised, and LaTeX is
left alone, since outside a BibTeX file a backslash is as often a path or a formula.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.entities import html5
from operator import attrgetter
from os.path import commonprefix
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from ftfy import TextFixerConfig, fix_encoding

from catalogue.draft import Draft, clean

# Longer values are refused as they are; nothing is spent on them.
MOST_CHARACTERS = 200_000
_FIELDS = ("title", "summary", "details", "source", "country", "shelf_number", "rights")
_texts, _heading = attrgetter(*_FIELDS), attrgetter("heading")

# Garbled letters stand two by two. This looks quickly whether ftfy, which looks slowly, has to be asked.
_SUSPECT = re.compile("[^\x00-\x7f](?:[^\x00-\x7f]|(?<=[ÃÂ]) |(?<=[\x80-\x9f]))")
# Marks of MARC and of German catalogues around an article that does not sort. They stand among the letters of
# Windows-1252 that were taken for Latin-1, which ftfy would make of them.
_NOT_SORTED = re.compile("[\x88\x98]([^\x88\x89\x98\x9c]{0,40})[\x89\x9c]")
_ENCODING_ONLY = TextFixerConfig(explain=False, replace_lossy_sequences=False)

# An entity ends in a semicolon: "AT&T", "R&D" and "&c" are none.
_ENTITY = re.compile("&(?:[a-z][a-z0-9]{1,31}|#[0-9]{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_MOST_ESCAPES = 3
_TAG = re.compile("<(/?)(jats:)?([a-z][a-z0-9-]{0,9})(?:\\s+[a-z:-]{1,30}=[^<>]{0,300})?\\s?/?>", re.IGNORECASE)
# What stands for a tag that parts text. These are believed alone, and all others only where they are opened and closed.
_BREAKS = {"p": "\n\n", "div": "\n\n", "br": "\n", "li": "\n", "hr": "\n\n"}
_PAIRED = {"title": "\n\n", "sec": "\n\n", "section": "\n\n", "list-item": "\n", "tr": "\n", "td": " ", "th": " "}
_PAIRED |= {f"h{level}": "\n\n" for level in range(1, 7)} | {"blockquote": "\n\n", "dt": "\n", "dd": "\n"}
_WITHIN_LINES = (
    "a abbr b big body bold cite code em font html i italic list mark ol q s sc script small span strong style sub sup "
    "table tbody tt u ul underline"
)
_PAIRED |= dict.fromkeys(_WITHIN_LINES.split(), "")
_UNSEEN = frozenset(("script", "style"))
_POWER = re.compile("[-+−0-9]{1,9}")
_RAISED = str.maketrans("-+−0123456789", "⁻⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_HTML = gettext_lazy("“%(field)s” held HTML, which was made plain text: “%(before)s” became “%(after)s”.")
_GARBLED = gettext_lazy("“%(field)s” held garbled letters, which were put right: “%(before)s” became “%(after)s”.")


def repaired(draft: Draft) -> tuple[Draft, tuple[str, ...]]:
    """Return the Draft with garbled letters and HTML made the text that was meant, and a sentence for each change.

    A Draft in which there is nothing to do is returned as it is; any other comes back clean.
    """
    # One look at everything is enough for most records.
    if not _to_be_looked_at("".join((*_texts(draft), draft.url, *map(_heading, draft.authors), *draft.keywords))):
        return draft, ()
    notes: list[str] = []
    changes: dict[str, Any] = {}
    for name in _FIELDS:
        value = getattr(draft, name)
        if _to_be_looked_at(value):
            changes[name] = _better(name, value, notes)
    if any(_to_be_looked_at(author.heading) for author in draft.authors):
        changes["authors"] = tuple(
            replace(author, heading=_better("authors", author.heading, notes)) for author in draft.authors
        )
    if any(map(_to_be_looked_at, draft.keywords)):
        changes["keywords"] = tuple(_better("keywords", keyword, notes) for keyword in draft.keywords)
    if "&amp;" in draft.url:
        changes["url"] = _noted("url", draft.url, lambda url: url.replace("&amp;", "&"), _HTML, notes)
    return (clean(replace(draft, **changes)), tuple(notes)) if notes else (draft, ())


def unescaped(text: str) -> str:
    """Return the text with its HTML entities, even those escaped twice, made characters; a table asks this before it
    divides a cell at a semicolon."""
    for _round in range(_MOST_ESCAPES):
        if "&" not in text or text == (text := _ENTITY.sub(_character, text)):
            break
    return text


def _character(match: re.Match[str]) -> str:
    """Return what an entity stands for: nothing for a soft hyphen, and itself for "&nothing;", which begins as &not."""
    known = match[0][1] == "#" or match[0][1:] in html5
    return unescape(match[0]).replace("\xad", "") if known else match[0]


def _to_be_looked_at(text: str) -> bool:
    if text.isascii():
        return "&" in text or "<" in text
    return "&" in text or "<" in text or _SUSPECT.search(text) is not None


def _better(name: str, text: str, notes: list[str]) -> str:
    if len(text) > MOST_CHARACTERS:
        return text
    text = _noted(name, text, _ungarbled, _GARBLED, notes)
    return _noted(name, text, lambda value: _without_tags(unescaped(value)), _HTML, notes)


def _noted(name: str, text: str, repair: Callable[[str], str], sentence: Promise, notes: list[str]) -> str:
    better = repair(text)
    if better != text:
        before, after = _difference(text, better)
        notes.append(str(sentence) % {"field": name, "before": before, "after": after})
    return better


def _difference(before: str, after: str) -> tuple[str, str]:
    """Return the words in which two texts first differ."""
    start = len(commonprefix((before, after)))
    while start and not before[start - 1].isspace():
        start -= 1
    return _word(before, start), _word(after, start)


def _word(text: str, start: int) -> str:
    return next(iter(text[start : start + 60].split()), "")


def _ungarbled(text: str) -> str:
    """Return the text as it was before it was decoded with the wrong encoding, if that is what happened to it."""
    if text.isascii() or not _SUSPECT.search(text):
        return text
    fixed = fix_encoding(_NOT_SORTED.sub(r"\1", text), _ENCODING_ONLY)
    return fixed.replace("\x1a", "\ufffd")  # ftfy's own mark for a letter that was lost before


def _without_tags(text: str) -> str:
    """Return the text without HTML tags. "a < b", "<5 years" and "<b" are no tags, and "p<b>q" is none alone."""
    if "<" not in text:
        return text
    tags = [(match, match[3].lower()) for match in _TAG.finditer(text)]
    opened = {name for match, name in tags if not match[1]}
    closed = {name for match, name in tags if match[1]}
    known = _BREAKS | {name: _PAIRED[name] for name in opened & closed & _PAIRED.keys()}
    pieces: list[str] = []
    place = 0
    for match, name in tags:
        if name in known:
            pieces += (_inside(match, name, text[place : match.start()]), known[name])
            place = match.end()
    return "".join((*pieces, text[place:]))


def _inside(match: re.Match[str], name: str, text: str) -> str:
    """Return what stands before a closing tag as it is to be read: 10<sup>3</sup> is 10³, and not 103."""
    if match[1] and name in _UNSEEN:
        return ""
    if match[1] and name == "sup" and _POWER.fullmatch(text):
        return text.translate(_RAISED)
    return text
