"""Which column of a table holds which field: one table of header names, in the languages librarians bring.

Some fields take the values of several columns. A column in another language ("dc.title[en]") is one with that of its
field: the first cell that is filled counts.
"""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from catalogue.folding import fold_heading
from catalogue.formats.base import FormatError

# The field, then the header names it is known by. Earlier names win over later ones. The field's own name comes first:
# it is what the catalogue itself writes. Case, accents and everything but letters and digits count for nothing.
HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("title", ("title", "titel", "titre", "título", "nimeke", "otsikko", "main title", "document title", "ti", "name")),
    ("subtitle", ("subtitle", "sub title", "untertitel", "sous-titre", "subtítulo", "alaotsikko", "undertitel")),
    ("title", ("haupttitel", "original title", "titulo principal", "t1", "tytuł", "název")),
    ("authors", ("authors", "author", "author(s)", "autor", "autoren", "verfasser", "auteur", "auteurs", "autores")),
    (
        "authors",
        ("tekijä", "tekijät", "författare", "creator", "creators", "au", "personal author", "corporate author"),
    ),
    ("authors", ("autorzy", "autoři", "verfasserin", "verfasser/in", "upphov", "upphovsperson", "dc.creator", "a1")),
    ("family_names", ("family name", "last name", "surname", "author last name", "author surname", "nachname")),
    ("given_names", ("given name", "first name", "forename", "author first name", "author forename", "vorname")),
    ("summary", ("summary", "abstract", "description", "zusammenfassung", "kurzfassung", "résumé", "resumen", "ab")),
    ("summary", ("tiivistelmä", "kuvaus", "sammanfattning", "beschreibung", "descripción", "beskrivning", "n2")),
    ("details", ("details", "imprint", "impressum", "publication details", "physical description", "collation")),
    ("details", ("julkaisutiedot", "adresse bibliographique", "pie de imprenta", "utgivning", "umfang")),
    ("source", ("source", "quelle", "fuente", "lähde", "källa", "host item", "container title", "erschienen in")),
    ("year", ("year", "publication year", "date", "publication date", "date published", "issued", "published")),
    ("year", ("jahr", "erscheinungsjahr", "année", "date de publication", "año", "fecha", "vuosi", "julkaisuvuosi")),
    ("year", ("år", "utgivningsår", "pub date", "pubdate", "py", "original publication year", "datum", "y1", "rok")),
    ("country", ("country", "land", "pays", "país", "maa", "country of publication", "julkaisumaa", "utgivningsland")),
    (
        "url",
        ("url", "link", "web address", "address", "lien", "enlace", "verkko-osoite", "länk", "website", "uri", "ur"),
    ),
    ("shelf_number", ("shelf number", "shelfmark", "call number", "signatur", "signature", "cote", "signatura")),
    ("shelf_number", ("hyllypaikka", "signum", "hylla", "hyllplacering", "shelf", "standort", "location")),
    ("keywords", ("keywords", "keyword", "subjects", "subject", "tags", "descriptors", "schlagwort", "schlagwörter")),
    ("keywords", ("stichwörter", "mots-clés", "mot-clé", "sujet", "sujets", "palabras clave", "materias", "temas")),
    ("keywords", ("asiasanat", "avainsanat", "ämnesord", "nyckelord", "kw", "de", "index terms", "topics")),
    (
        "language",
        ("language", "languages", "language code", "sprache", "langue", "idioma", "lengua", "kieli", "språk", "la"),
    ),
    ("kind", ("kind", "type", "document type", "resource type", "genre", "publication type", "dokumenttyp", "tyyppi")),
    ("kind", ("type de document", "tipo de documento", "item type", "reference type", "aineistotyyppi", "art", "tipo")),
    ("rights", ("rights", "licence", "license", "copyright", "lizenz", "rechte", "droits", "derechos", "oikeudet")),
    ("rights", ("rättigheter", "rights note", "käyttöoikeudet", "lisenssi", "licens", "licencia")),
    ("isbn", ("isbn", "isbn13", "isbn-13", "isbn10", "isbn-10", "e-isbn")),
    ("issn", ("issn", "eissn", "e-issn")),
    ("doi", ("doi", "digital object identifier")),
    ("report", ("report", "report number", "report no", "report nr", "berichtsnummer", "numéro de rapport")),
    ("report", ("raportin numero", "rapportnummer", "número de informe", "rn")),
    ("identifier", ("identifier", "id", "record id", "record number", "accession number", "source id", "tunniste")),
    ("identifier", ("identifiant", "identificador", "identifikator")),
    ("identifiers", ("identifiers", "other identifiers")),
    ("publisher", ("publisher", "verlag", "herausgeber", "éditeur", "editorial", "kustantaja", "julkaisija", "förlag")),
    ("publisher", ("utgivare", "institution", "issuing body", "issuing agency", "organisation", "organization", "pb")),
    # EPrints
    ("family_names", ("creators_name.family",)),
    ("given_names", ("creators_name.given",)),
    ("authors", ("corp_creators", "creators_name")),
    ("source", ("publication",)),
    ("url", ("official_url",)),
    ("identifier", ("eprintid",)),
    # Zotero
    ("summary", ("abstract note",)),
    ("source", ("publication title",)),
    ("keywords", ("manual tags", "automatic tags")),
    # Koha
    ("year", ("copyrightdate",)),
    ("shelf_number", ("itemcallnumber",)),
    ("identifier", ("biblionumber",)),
    ("publisher", ("publishercode",)),
    # DSpace
    ("title", ("dc.title",)),
    ("authors", ("dc.contributor.author",)),
    ("summary", ("dc.description.abstract", "dc.description")),
    ("year", ("dc.date.issued", "dc.date")),
    ("url", ("dc.identifier.uri",)),
    ("keywords", ("dc.subject",)),
    ("language", ("dc.language.iso", "dc.language")),
    ("kind", ("dc.type",)),
    ("rights", ("dc.rights",)),
    ("isbn", ("dc.identifier.isbn",)),
    ("issn", ("dc.identifier.issn",)),
    ("doi", ("dc.identifier.doi",)),
    ("publisher", ("dc.publisher",)),
    ("status", ("status",)),
    ("withdrawn_reason", ("withdrawn reason",)),
    ("replaced_by", ("replaced by",)),
)
FIELDS = tuple(dict.fromkeys(name for name, _headers in HEADERS))
# The fields that take the values of several columns; of some, all columns that are known are taken.
SEVERAL = frozenset(
    ("authors", "family_names", "given_names", "details", "keywords", "isbn", "issn", "doi", "report", "identifiers")
)
# Of these the cells of several columns belong together, one by one.
PAIRED = frozenset(("family_names", "given_names"))
# A header that is known for no field, but names authors: a publisher beside it is none.
_LIKE_AUTHORS = re.compile("author(?!i[tsz])|creator|contributor|autor|autric|auteur|verfasser|tekija|forfattar")
_ALL_KNOWN = frozenset(("authors", "keywords"))
_LANGUAGE = re.compile(r"\s*\[(?:[a-z]{2,3}(?:[_-][A-Za-z]{2,4})?|\*)?\]$")


def fold_header(header: str) -> str:
    """Return what counts in a header: "Shelf-No.", "SHELF NO" and "shelf_no" are one."""
    return "".join(character for character in fold_heading(header) if character.isalnum())


def _ranks() -> dict[str, tuple[str, int]]:
    ranks: dict[str, tuple[str, int]] = {}
    for name, headers in HEADERS:
        for header in headers:
            ranks.setdefault(fold_header(header), (name, len(ranks)))
    return ranks


_RANKS = _ranks()


def _known(header: str) -> tuple[str, int]:
    """Return the field of a header and how well it is known by it; "Author 2" is one more column of authors."""
    folded = fold_header(_LANGUAGE.sub("", header))
    if folded in _RANKS:
        return _RANKS[folded]
    name, rank = _RANKS.get(folded.rstrip("0123456789"), ("", 0))
    return (name, rank) if name in SEVERAL else ("", 0)


def guess_mapping(headers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the headers of each field that can be told; where several would do, those with the best known name."""
    found: dict[str, list[tuple[int, str]]] = {}
    for header in headers:
        name, rank = _known(header)
        if name:
            found.setdefault(name, []).append((rank, header))
    return {name: _best(name, found[name]) for name in FIELDS if name in found}


def _best(name: str, found: list[tuple[int, str]]) -> tuple[str, ...]:
    best, first = min(found, key=lambda one: one[0])
    return tuple(
        dict.fromkeys(
            header for rank, header in found if name in _ALL_KNOWN or (rank == best and can_share(name, first, header))
        )
    )


def can_share(name: str, header: str, other: str) -> bool:
    """Tell whether two columns can both be for a field."""
    return name in SEVERAL or _LANGUAGE.sub("", header) == _LANGUAGE.sub("", other)


def is_like_authors(header: str) -> bool:
    """Tell whether a column is one of authors, whatever it is called."""
    return bool(_LIKE_AUTHORS.search(fold_header(header)))


def choose_mapping(headers: Sequence[str], wanted: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the guessed mapping, overruled by what a person wants: field to headers, or to "" to leave a field out.

    A header that a person gave to one field is no longer guessed for another. Raises FormatError for a field or a
    header that does not exist, with those that do.
    """
    chosen = {name: _existing(name, given, headers) for name, given in wanted.items()}
    taken = {header for given in chosen.values() for header in given}
    mapping = guess_mapping([header for header in headers if header not in taken]) | chosen
    return {name: mapping[name] for name in FIELDS if mapping.get(name)}


def listed(given: str | Sequence[str]) -> tuple[str, ...]:
    """Return the headers that were given for a field: one, several or none."""
    return tuple(filter(None, (given,) if isinstance(given, str) else given))


def _existing(name: str, given: str | Sequence[str], headers: Sequence[str]) -> tuple[str, ...]:
    if name not in FIELDS:
        message = _("There is no field called “%(name)s”. The fields are: %(known)s.")
        raise FormatError(message % {"name": name, "known": ", ".join(FIELDS)})
    return tuple(dict.fromkeys(_column(header, headers) for header in listed(given)))


def _column(header: str, headers: Sequence[str]) -> str:
    if header in headers:
        return header
    for candidate in headers:
        if fold_header(header) and fold_header(candidate) == fold_header(header):
            return candidate
    message = _("There is no column called “%(header)s”. The columns are: %(known)s.")
    raise FormatError(message % {"header": header, "known": ", ".join(headers[:50])})


def unmapped(headers: Sequence[str], mapping: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the headers that no field takes, a repeated one among them where only the first of its columns is read."""
    left = list(headers)
    for name, given in mapping.items():
        for header in given:
            left.remove(header)
            if name in SEVERAL:
                left = [other for other in left if other != header]
    return tuple(header for header in left if header)
