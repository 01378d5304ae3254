"""What the page of a record tells programs about it, in the tags that Google Scholar and reference managers read."""

from collections.abc import Iterator

from catalogue.draft import Draft, clean_line
from catalogue.imprint import read_imprint

# In which tag each kind of document has its publisher: the tag tells its readers what the document is.
_REPORTS = frozenset(("report", "evaluation", "working-paper", "policy"))
_TAGS_OF_SCHEMES = {"doi": "citation_doi", "isbn": "citation_isbn", "issn": "citation_issn"}
_LONGEST_DESCRIPTION = 300


def tags(draft: Draft, address: str) -> list[tuple[str, str]]:
    """Return names and contents of meta elements, to be escaped by the template."""
    cleaned = ((name, clean_line(content)) for name, content in _tags(draft, address))
    return [(name, content) for name, content in cleaned if content]


def _tags(draft: Draft, address: str) -> Iterator[tuple[str, str]]:
    yield "description", _shortened(clean_line(draft.summary))
    yield "citation_title", draft.title
    for name in draft.authors:
        yield "citation_author", name.heading
        yield "citation_author_orcid", f"https://orcid.org/{name.orcid}" if name.orcid else ""
    yield "citation_publication_date", "" if draft.year is None else f"{draft.year:04d}"
    yield _publisher_tag(draft.kind), read_imprint(draft.details).publisher
    for item in draft.identifiers:
        if item.scheme == "report":
            yield "citation_technical_report_number", item.value
        yield _TAGS_OF_SCHEMES.get(item.scheme, ""), item.value if item.scheme in _TAGS_OF_SCHEMES else ""
    yield "citation_language", draft.language
    for keyword in draft.keywords:
        yield "citation_keywords", keyword
    yield "citation_abstract_html_url", address
    path = draft.url.partition("?")[0]
    yield ("citation_pdf_url" if path.lower().endswith(".pdf") else "citation_fulltext_html_url"), draft.url


def _publisher_tag(kind: str) -> str:
    if kind in _REPORTS:
        return "citation_technical_report_institution"
    return "citation_dissertation_institution" if kind == "thesis" else "citation_publisher"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_DESCRIPTION else text[:_LONGEST_DESCRIPTION].rpartition(" ")[0] + " …"
