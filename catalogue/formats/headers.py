"""Which column of a table holds which field: one table of header names, in the languages librarians bring."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from catalogue.folding import fold_heading
from catalogue.formats.base import FormatError

# The field, then the header names it is known by. Earlier names win over later ones. The field's own name comes first:
# it is what the catalogue itself writes. Case, accents and everything but letters and digits count for nothing.
HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("title", ("title", "titel", "titre", "título", "nimeke", "otsikko", "main title", "document title", "ti", "name")),
    ("title", ("haupttitel", "original title", "titulo principal", "t1", "tytuł", "název")),
    ("authors", ("authors", "author", "author(s)", "autor", "autoren", "verfasser", "auteur", "auteurs", "autores")),
    (
        "authors",
        ("tekijä", "tekijät", "författare", "creator", "creators", "au", "personal author", "corporate author"),
    ),
    ("authors", ("autorzy", "autoři", "verfasserin", "verfasser/in", "upphov", "upphovsperson", "dc.creator", "a1")),
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
    ("status", ("status",)),
    ("withdrawn_reason", ("withdrawn reason",)),
    ("replaced_by", ("replaced by",)),
)
FIELDS = tuple(dict.fromkeys(name for name, _headers in HEADERS))


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


def guess_mapping(headers: Sequence[str]) -> dict[str, str]:
    """Return the header of each field that can be told; where several would do, the best known name, then the first."""
    best: dict[str, tuple[int, str]] = {}
    for header in headers:
        name, rank = _RANKS.get(fold_header(header), ("", 0))
        if name and (name not in best or rank < best[name][0]):
            best[name] = (rank, header)
    return {name: best[name][1] for name in FIELDS if name in best}


def choose_mapping(headers: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the guessed mapping, overruled by what a person wants: field to header, or to "" to leave a field out.

    A header that a person gave to one field is no longer guessed for another. Raises FormatError for a field or a
    header that does not exist, with those that do.
    """
    chosen = {name: _existing(name, header, headers) for name, header in wanted.items()}
    taken = set(chosen.values())
    guessed = guess_mapping([header for header in headers if header not in taken])
    mapping = guessed | chosen
    return {name: mapping[name] for name in FIELDS if mapping.get(name)}


def _existing(name: str, header: str, headers: Sequence[str]) -> str:
    if name not in FIELDS:
        message = _("There is no field called “%(name)s”. The fields are: %(known)s.")
        raise FormatError(message % {"name": name, "known": ", ".join(FIELDS)})
    if not header or header in headers:
        return header
    for candidate in headers:
        if fold_header(header) and fold_header(candidate) == fold_header(header):
            return candidate
    message = _("There is no column called “%(header)s”. The columns are: %(known)s.")
    raise FormatError(message % {"header": header, "known": ", ".join(headers[:50])})


def unmapped(headers: Sequence[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """Return the headers that no field takes, a repeated one among them: only the first of its columns is read."""
    left = list(headers)
    for header in dict.fromkeys(mapping.values()):
        left.remove(header)
    return tuple(header for header in left if header)
