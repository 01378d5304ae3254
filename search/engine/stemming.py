"""Stems: "prisons", "prison" and "prison's" become one word, by the Snowball stemmer of the record's language."""

import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence

import tantivy

STEMMERS = {
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "no": "Norwegian",
    "nb": "Norwegian",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
}
# The language of most records that do not say theirs.
DEFAULT = "en"
# The words of each language whose stems are remembered: a page asks for the stem of one word after another.
MOST_KNOWN = 20_000
_known: dict[str, dict[str, str]] = defaultdict(dict)


@functools.cache
def _analyzer(language: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.stemmer(STEMMERS[language].lower())).build()


def stemmed(words: str, language: str) -> str:
    """Return the stems of a text of folded words, remembering none: most words of many records are soon forgotten."""
    if language and language not in STEMMERS:
        return words
    return " ".join(_analyzer(language or DEFAULT).analyze(words))


def stems(words: Sequence[str], language: str) -> list[str]:
    """Return the stems of folded words; those of a language without a stemmer as they are."""
    if language and language not in STEMMERS:
        return list(words)
    known = _known[language or DEFAULT]
    try:
        return [known[word] for word in words]
    except KeyError:
        return _learn(words, known, language or DEFAULT)


def _learn(words: Sequence[str], known: dict[str, str], language: str) -> list[str]:
    if len(known) > MOST_KNOWN:
        known.clear()
    new = list({word for word in words if word not in known})
    found: list[str] = _analyzer(language).analyze(" ".join(new))
    if len(found) != len(new):  # a word that is none to the analyzer
        return _analyzer(language).analyze(" ".join(words))
    known.update(zip(new, found, strict=True))
    try:
        return [known[word] for word in words]
    except KeyError:  # another thread has begun anew meanwhile
        return _analyzer(language).analyze(" ".join(words))


def stems_in(word: str, languages: Iterable[str]) -> list[str]:
    """Return every stem that a folded word has in records of these languages, or of none, each once."""
    found = [stems([word], DEFAULT)[0]]
    for language in languages:
        found.extend(stems([word], language))
    return list(dict.fromkeys(found))
