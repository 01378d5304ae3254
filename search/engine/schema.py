"""The fields of the tantivy index, and how a Document fills them.

Texts are cut into words by search/text.py; tantivy's own tokenizers only split at spaces. Every text field is indexed
as its words stand; `any` holds the words of all fields but documents, `any_stem` their stems. A query that names no
field is matched against `any_stem` alone, and the others only raise its best hits. pages.py has a second index.
"""

import functools
from collections.abc import Iterable, Iterator

import tantivy

from search import text
from search.engine.base import Document, Page, Sort
from search.engine.stemming import stemmed
from search.fields import DOCUMENT, FIELDS, TEXT_FIELDS

# A change of the schema or of how words are cut must change this number: indexes of another are rebuilt.
FORMAT = 6

ANY, STEM = "any", "_stem"
# Words with accents as they stand, so that "Král" finds "Kral" too, and itself first.
ACCENTED = "any_accented"
# Stand before the first and after the last word of a title, so that a phrase can ask for its beginning and end.
START, END = "⊢", "⊣"
# Parts a heading as it is looked for from the heading as it is shown.
SHOWN_AS = "\x1f"

AUTHORITIES = tuple(field.name for field in FIELDS.values() if field.authority)
NUMBER_FACETS = AUTHORITIES
CODE_FACETS = ("language", "kind")
SORT_KEYS = {Sort.TITLE: "title_key", Sort.AUTHOR: "author_key", Sort.SHELF_NUMBER: "shelf_number_key"}


@functools.cache
def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_unsigned_field("digest", fast=True)
    builder.add_integer_field("year", indexed=True, fast=True)
    builder.add_integer_field("added", fast=True)
    builder.add_float_field("recency", fast=True)
    builder.add_boolean_field("link", indexed=True, fast=True)
    _add_words(builder)
    for name in NUMBER_FACETS:
        builder.add_unsigned_field(f"{name}_number", indexed=True, fast=True)
    _add_whole(builder, (f"{name}_heading" for name in AUTHORITIES), fast=False)
    _add_whole(builder, (f"{name}_completion" for name in AUTHORITIES), fast=False)
    _add_whole(builder, (f"{name}_code" for name in ("status", *CODE_FACETS)), fast=True)
    _add_whole(builder, SORT_KEYS.values(), fast=True)
    return builder.build()


def _add_words(builder: tantivy.SchemaBuilder) -> None:
    for name in (ANY, *(field.name for field in TEXT_FIELDS)):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in (ANY, *(field.name for field in TEXT_FIELDS if field.stemmed)):
        builder.add_text_field(name + STEM, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(ACCENTED, tokenizer_name="whitespace", index_option="basic")


def _add_whole(builder: tantivy.SchemaBuilder, names: Iterable[str], fast: bool) -> None:
    for name in names:
        builder.add_text_field(name, fast=fast, tokenizer_name="raw", index_option="basic")


@functools.lru_cache(50_000)
def whole(heading: str) -> str:
    """Return a heading as one term: its words, without case, accents and punctuation."""
    return " ".join(text.tokens(heading))


def to_tantivy(document: Document) -> tantivy.Document:
    made = tantivy.Document()
    made.add_unsigned("number", document.number)
    made.add_unsigned("digest", document.digest)
    made.add_integer("added", document.added)
    # Newer first among equals: the year moves a score by less than what tells two different records apart.
    made.add_float("recency", 1.0 + (document.year or 0) / 2100 * 1e-4)
    made.add_boolean("link", document.has_link)
    if document.year is not None:
        made.add_integer("year", document.year)
    _add_texts(made, document)
    for name, numbers in document.numbers.items():
        for number in numbers:
            made.add_unsigned(f"{name}_number", number)
    for name, value in _whole_values(document):
        if value:
            made.add_text(name, value)
    return made


def _add_texts(made: tantivy.Document, document: Document) -> None:
    stems: dict[str, list[str]] = {ANY: []}
    for name, values in document.texts.items():
        # Headings come again and again; what is made of them is remembered.
        read = _heading_words if name in AUTHORITIES else _words
        for value in values:
            plain, joined, stemmed_words, accented = read(value, document.language)
            made.add_text(ANY, plain)
            made.add_text(name, f"{START} {plain} {END}" if name == "title" else plain)
            if joined:
                made.add_text(ANY, joined)
                made.add_text(name, joined)
            if accented:
                made.add_text(ACCENTED, accented)
            stems[ANY].append(stemmed_words)
            if FIELDS[name].stemmed:
                stems.setdefault(name, []).append(stemmed_words)
    # Where no positions are kept, all values at once are the same as one by one, and quicker.
    for name, of_field in stems.items():
        made.add_text(name + STEM, " ".join(of_field))


def _words(value: str, language: str) -> tuple[str, str, str, str]:
    """Return the words of a text, those with hyphens in one piece, the stems of all, and the words with accents."""
    plain = " ".join(text.tokens(value))
    joined = " ".join(text.joined_hyphenations(value))
    stems = stemmed(f"{plain} {joined}" if joined else plain, language)
    return plain, joined, stems, " ".join(text.accented_words(value))


_heading_words = functools.lru_cache(20_000)(_words)


def cut(value: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a text and their stems; then, where it has hyphens, the words with them in one piece."""
    for words in (text.tokens(value), text.joined_hyphenations(value)):
        if plain := " ".join(words):
            yield plain, stemmed(plain, language)


def add_page(made: tantivy.Document, page: Page, language: str) -> list[tuple[str, str]]:
    """Add the words of a document's page to those of its record, and return them."""
    words = list(cut(page.text, language))
    for plain, stems in words:
        made.add_text(DOCUMENT, plain)
        made.add_text(DOCUMENT + STEM, stems)
    return words


def _whole_values(document: Document) -> Iterator[tuple[str, str]]:
    for name, headings in document.headings.items():
        for heading in headings:
            yield f"{name}_heading", whole(heading)
    for name, preferred in document.preferred.items():
        for heading in preferred:
            for completion in _completions(heading):
                yield f"{name}_completion", completion
    for name, code in {"status": document.status, **document.codes}.items():
        yield f"{name}_code", code
    for name, key in document.sort_keys.items():
        yield f"{name}_key", key


@functools.lru_cache(20_000)
def _completions(heading: str) -> tuple[str, ...]:
    """Return a heading from each of its first words on, what somebody may begin to type, with how it is shown."""
    words = text.tokens(heading)
    starts = (" ".join(words[first:])[:100] for first in range(min(len(words), 6)))
    return tuple(f"{start}{SHOWN_AS}{heading}" for start in starts)
