"""The authority files in SKOS, in which thesauri are exchanged: concepts read from statements, and written.

What SKOS has no word for is said as others say it: a country's code as a notation, an ORCID as an exact match, people
and bodies by FOAF.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from rdflib import DCTERMS, FOAF, RDF, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from catalogue import codes
from catalogue.authorities import entries
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import AuthorityFile
from catalogue.draft import clean_line, clean_text, is_orcid

SYNTAXES = {"rdf": ("xml", "application/rdf+xml"), "ttl": ("turtle", "text/turtle")}
# What has labels too and is no concept.
OTHERS = (SKOS.ConceptScheme, SKOS.Collection, SKOS.OrderedCollection)
AT_ONCE = 1_000
ORCID = "https://orcid.org/"
KINDS: dict[Node, str] = {FOAF.Person: codes.PERSON, FOAF.Organization: codes.BODY, FOAF.Group: codes.BODY}
# What the file of each is called, here and in the public addresses.
PLURALS = {"author": "authors", "keyword": "keywords", "country": "countries"}


@dataclass(frozen=True)
class Concept:
    """One concept of a file, its labels chosen for one language; relations name other concepts of the file."""

    name: Node
    heading: str
    variants: tuple[str, ...] = ()
    scope_note: str = ""
    notes: str = ""
    broader: tuple[Node, ...] = ()
    related: tuple[Node, ...] = ()
    kind: str = ""
    orcid: str = ""
    code: str = ""


def concepts(graph: Graph, language: str) -> Iterator[Concept]:
    """Yield the concepts of a graph in the order of their labels; those without any label have an empty heading."""
    found = {*graph.subjects(RDF.type, SKOS.Concept), *graph.subjects(SKOS.prefLabel, None)}
    found -= {other for kind in OTHERS for other in graph.subjects(RDF.type, kind)}
    made = [_concept(graph, name, language) for name in found]
    yield from sorted(made, key=lambda concept: (concept.heading, str(concept.name)))


def _concept(graph: Graph, name: Node, language: str) -> Concept:
    preferred = sorted(_literals(graph, name, SKOS.prefLabel), key=lambda label: _rank(label, language))
    labels = [clean_line(str(label)) for label in preferred]
    others = (*_literals(graph, name, SKOS.altLabel), *_literals(graph, name, SKOS.hiddenLabel))
    broader = {*graph.objects(name, SKOS.broader), *graph.subjects(SKOS.narrower, name)}
    related = {*graph.objects(name, SKOS.related), *graph.subjects(SKOS.related, name)}
    return Concept(
        name,
        labels[0] if labels else "",
        tuple(sorted({label for one in others if (label := clean_line(str(one)))} | set(labels[1:]))),
        _text(graph, name, SKOS.scopeNote, language),
        _text(graph, name, SKOS.editorialNote, language),
        tuple(sorted(broader - {name}, key=str)),
        tuple(sorted(related - {name}, key=str)),
        min((KINDS[kind] for kind in graph.objects(name, RDF.type) if kind in KINDS), default=""),
        min(_orcids(graph, name), default=""),
        min(_codes(graph, name), default=""),
    )


def _orcids(graph: Graph, name: Node) -> Iterator[str]:
    for same in graph.objects(name, SKOS.exactMatch):
        orcid = str(same).replace("http://", "https://").removeprefix(ORCID).upper()
        if is_orcid(orcid):
            yield orcid


def _codes(graph: Graph, name: Node) -> Iterator[str]:
    for notation in _literals(graph, name, SKOS.notation):
        code = str(notation).strip().upper()
        if len(code) == 2 and code.isascii() and code.isalpha():
            yield code


def _literals(graph: Graph, name: Node, predicate: URIRef) -> list[Literal]:
    return [value for value in graph.objects(name, predicate) if isinstance(value, Literal)]


def _rank(label: Literal, language: str) -> tuple[int, str, str]:
    """Return by what the label for a language is chosen: the language itself, one without, then the alphabet's."""
    own = (label.language or "").lower()
    place = 0 if own == language or own.startswith(f"{language}-") else 2 if own else 1
    return place, own, str(label)


def _text(graph: Graph, name: Node, predicate: URIRef, language: str) -> str:
    """Return the texts of a note in the language, or in the best other one, as paragraphs."""
    texts = sorted(_literals(graph, name, predicate), key=lambda text: _rank(text, language))
    best = [text for text in texts if _rank(text, language)[:2] == _rank(texts[0], language)[:2]]
    return "\n\n".join(clean_text(str(text)) for text in best)


def write(file: AuthorityFile, base: str) -> Graph:
    """Return all headings as statements. `base` is the address of the catalogue, without a slash at its end."""
    graph = Graph()
    scheme = URIRef(f"{base}/browse/{PLURALS[file.name]}")
    names = Namespace(f"{scheme}#")
    graph.bind("skos", SKOS)
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.title, Literal(settings.LIBRARY_NAME)))
    last = 0
    while numbers := _next_numbers(file, last):
        for number, entry in entries.read(file, numbers).items():
            for predicate, value in _statements(names, entry):
                graph.add((names[str(number)], predicate, value))
            graph.add((names[str(number)], SKOS.inScheme, scheme))
            for link in entry.broader:
                graph.add((names[str(link.number)], SKOS.narrower, names[str(number)]))
        last = numbers[-1]
    return graph


def _next_numbers(file: AuthorityFile, last: int) -> list[int]:
    found = file.model.objects.filter(pk__gt=last).order_by("pk")
    return list(found.values_list("pk", flat=True)[:AT_ONCE])


def _statements(names: Namespace, entry: Entry) -> Iterable[tuple[URIRef, Node]]:
    yield RDF.type, SKOS.Concept
    yield SKOS.prefLabel, Literal(entry.heading)
    yield from ((SKOS.altLabel, Literal(form)) for form in entry.variants)
    yield from ((SKOS.broader, names[str(link.number)]) for link in entry.broader)
    yield from ((SKOS.related, names[str(link.number)]) for link in entry.related)
    yield from ((RDF.type, kind) for kind in (FOAF.Person, FOAF.Organization) if KINDS[kind] == entry.kind)
    if entry.orcid:
        yield SKOS.exactMatch, URIRef(ORCID + entry.orcid)
    if entry.code:
        yield SKOS.notation, Literal(entry.code)
    if entry.scope_note:
        yield SKOS.scopeNote, Literal(entry.scope_note)
    if entry.notes:
        yield SKOS.editorialNote, Literal(entry.notes)


def serialize(file: AuthorityFile, base: str, ending: str) -> bytes:
    """Return an authority file as SKOS: RDF/XML for "rdf", Turtle for "ttl"."""
    return write(file, base).serialize(format=SYNTAXES[ending][0], encoding="utf-8")
