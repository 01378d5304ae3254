"""The boundary between the catalogue and its search engine: what goes in, what comes out, what can go wrong.

Nothing outside this package knows which engine answers. Another one is another pair of `Index` and `Writer`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Self

from search.query import Everything, Node


class IndexUnusable(Exception):
    """The index folder is missing, damaged or of another make: it must be rebuilt."""


class IndexUnwritable(Exception):
    """The index cannot be written (a full disk, a wrong owner); what it held before is whole. Says why."""


class Sort(Enum):
    """The order of the hits. Records without the value come last."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    AUTHOR = "author"
    SHELF_NUMBER = "shelf_number"
    ADDED = "added"


@dataclass(frozen=True)
class Page:
    """One page of a document that is kept with a record: the number of its row, and its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Document:
    """What is indexed of one record.

    `texts` holds the values of each text field, in order; `headings` the whole headings of an authority field with
    their variants, `preferred` those without, `numbers` their numbers ("keyword": (3, 14)); `codes` fixed values.
    """

    number: int
    status: str
    language: str
    texts: Mapping[str, Sequence[str]]
    headings: Mapping[str, Sequence[str]]
    preferred: Mapping[str, Sequence[str]]
    numbers: Mapping[str, Sequence[int]]
    codes: Mapping[str, str]
    year: int | None
    has_link: bool
    added: int
    sort_keys: Mapping[str, str]
    # A 64-bit fingerprint of all the above and the pages, by which index and database are compared.
    digest: int
    # The pages of the record's documents that the public may have; perhaps read only while they are gone through.
    pages: Iterable[Page] = ()


@dataclass(frozen=True)
class Filter:
    """What a facet may be: one of `include` (or, with `missing`, nothing), and none of `exclude`.

    Values are headings as text for authority facets, codes for code facets, "1" and "0" for switches, and ranges like
    "1990-1999" for years. `without` is True where records that lack a value are left out.
    """

    facet: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    missing: bool = False
    without: bool = False


@dataclass(frozen=True)
class Request:
    """One search: what must match, which hits in which order, and how many values of which facets.

    The counts of a facet leave out the facet's own filter. A `loose` search matches what has any of the words, best
    first; `expansion` adds words to it, by stem, with their weights; `leave_out` are records shown elsewhere.
    """

    tree: Node = field(default_factory=Everything)
    filters: tuple[Filter, ...] = ()
    statuses: frozenset[str] = frozenset({"published"})
    facets: Mapping[str, int] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20
    loose: bool = False
    expansion: Mapping[str, float] = field(default_factory=dict)
    leave_out: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Hit:
    number: int
    score: float


@dataclass(frozen=True)
class Answer:
    """The hits of one page, the exact count of all hits, and for each facet its values with their exact counts.

    A facet's values are numbers of headings (0 for none), years (-1 for none), codes ("" for none), 0 and 1 for
    switches. `truncations` tells of each truncated word that opened more words than were searched, how many of both;
    `loosened` are phrases that were searched as words side by side, since all of them would have taken too long.
    `reach` is how many of the hits have a page in an order that takes too long for all of them, None for all.
    """

    hits: tuple[Hit, ...]
    count: int
    facets: Mapping[str, Mapping[int | str, int]] = field(default_factory=dict)
    truncations: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    loosened: tuple[str, ...] = ()
    reach: int | None = None

    @property
    def numbers(self) -> list[int]:
        return [hit.number for hit in self.hits]


@dataclass(frozen=True)
class Completion:
    """One way in which a word or heading that somebody types could go on, and how many records have it."""

    text: str
    count: int


class Writer(ABC):
    """Changes an index. Nothing is seen before `commit`; leaving the `with` block without it changes nothing."""

    @abstractmethod
    def put(self, document: Document) -> None:
        """Index a document in place of the one with the same number."""

    @abstractmethod
    def delete(self, numbers: Iterable[int]) -> None:
        """Take documents out; a number that is not there is no error."""

    @abstractmethod
    def commit(self) -> None:
        """Make everything since the last commit durable and visible. Raises IndexUnwritable."""

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(self, *exception: object) -> None: ...


class Index(ABC):
    """One index in one folder. Searching is safe from many threads at once."""

    @classmethod
    @abstractmethod
    def create(cls, folder: Path) -> Self:
        """Make an empty index in a folder that does not exist yet. Raises IndexUnwritable."""

    @classmethod
    @abstractmethod
    def open(cls, folder: Path) -> Self:
        """Open an index that `create` made. Raises IndexUnusable."""

    @abstractmethod
    def search(self, request: Request) -> Answer:
        """Answer a search. Every tree has an answer. Raises IndexUnusable if the index is damaged."""

    @abstractmethod
    def reload(self) -> None:
        """See what other processes have committed. Raises IndexUnusable."""

    @abstractmethod
    def writer(self, bulk: bool = False) -> Writer:
        """Return a writer; there must be one at a time for a folder, of all processes. Raises IndexUnwritable."""

    @abstractmethod
    def count(self, request: Request) -> int:
        """Return how many records a search finds, and nothing else of it."""

    @abstractmethod
    def numbers(self, request: Request) -> list[int]:
        """Return the numbers of all records that a search finds, in the order of its pages. Raises IndexUnusable.

        Where not all of them have a page in this order (see Answer), the last added come first.
        """

    @abstractmethod
    def frequencies(self, words: Iterable[str]) -> dict[str, int]:
        """Return in how many documents each stem stands, in whatever field."""

    @abstractmethod
    def query_weight(self, request: Request) -> float:
        """Return the sum of the weights of a loose request's words, by which an expansion is measured."""

    @abstractmethod
    def pages(self, tree: Node, numbers: Iterable[int]) -> dict[int, int]:
        """Return for each record that a search found within a document the page where it found most (`Page.number`)."""

    @abstractmethod
    def complete(self, field_name: str, typed: str, most: int) -> list[Completion]:
        """Return the headings of a field, or the words of one that has none, that go on from what was typed.

        Most used first. A heading counts from each of its words: "mentoring" leads to "Peer Mentoring".
        """

    @abstractmethod
    def spellings(self, word: str, most: int) -> list[str]:
        """Return words of the collection that a folded word may have been meant for, the likeliest first."""

    @abstractmethod
    def digests(self, first: int, last: int) -> dict[int, int]:
        """Return the fingerprint of each document with a number from `first` to `last`; a double counts as wrong."""

    @property
    @abstractmethod
    def size(self) -> int:
        """The number of documents."""
