"""Stems: "prisons", "prison" and "prison's" become one word, by the Snowball stemmer of the record's language."""

import functools
from collections.abc import Iterable

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


@functools.cache
def _analyzer(language: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.stemmer(STEMMERS[language].lower())).build()


def stems(words: Iterable[str], language: str) -> list[str]:
    """Return the stems of folded words; those of a language without a stemmer as they are."""
    if language and language not in STEMMERS:
        return list(words)
    return _analyzer(language or DEFAULT).analyze(" ".join(words))


def stems_in(word: str, languages: Iterable[str]) -> list[str]:
    """Return every stem that a folded word has in records of these languages, or of none, each once."""
    found = [stems([word], DEFAULT)[0]]
    for language in languages:
        found.extend(stems([word], language))
    return list(dict.fromkeys(found))
