"""Makes documents for tests of the engine alone, without a database."""

from pathlib import Path
from typing import Any

from search.engine.base import Document, Index
from search.keeping import ENGINE


def make_document(number: int, title: str = "", summary: str = "", **facts: Any) -> Document:
    values: dict[str, Any] = {
        "status": "published",
        "language": "en",
        "texts": {"title": [title], "summary": [summary]},
        "headings": {},
        "preferred": {},
        "numbers": {},
        "codes": {},
        "year": None,
        "has_link": False,
        "added": number,
        "sort_keys": {},
        "digest": number,
    }
    return Document(number, **{**values, **facts})


def make_index(folder: Path, documents: list[Document]) -> Index:
    index = ENGINE.create(folder)
    with index.writer() as writer:
        for document in documents:
            writer.put(document)
        writer.commit()
    index.reload()
    return index
