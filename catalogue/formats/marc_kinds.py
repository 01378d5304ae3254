"""The kind of document that a MARC record is about: said in words, or coded in its leader and field 008; and back."""

from functools import lru_cache

from catalogue.formats.base import Notes
from catalogue.formats.kinds import read_kind as read_term
from catalogue.formats.marc_text import Marc, value, without_marks

# The kind of document that the contents of a book (008/24-27) make of it; the first letter found decides.
CONTENTS = {"m": "thesis", "t": "report", "l": "legal", "v": "legal", "w": "legal", "z": "legal"}
# The kind that the leader alone says: type of record (06), and of language material the bibliographic level (07).
TYPES = {
    "c": "other", "d": "other", "e": "media", "f": "media", "g": "media", "i": "media", "j": "media", "k": "media",
    "o": "teaching", "p": "other", "r": "other",
}  # fmt: skip
COMPUTER_FILES = {"a": "dataset", "b": "dataset", "j": "web"}  # of computer files, what 008/26 says
LEVELS = {"a": "chapter", "b": "article", "c": "other", "d": "chapter"}
# The other way: type and level (leader 06-07), and the letter for the contents.
WRITTEN_TYPES = {"article": "ab", "chapter": "aa", "dataset": "mm", "media": "gm", "thesis": "am"}
WRITTEN_CONTENTS = {"thesis": "m", "report": "t", "legal": "l"}
NOT_CODED = "||||"
_LONGEST_TERM = 100


def read_kind(record: Marc) -> str:
    """Return the kind: a term for the form of the work or its genre decides before the codes do."""
    for text in (*record.values("380", "a"), *record.values("655", "a"), *record.values("513", "a")):
        if kind := _named(without_marks(text[:_LONGEST_TERM]).rstrip(".")):
            return kind
    return _coded(record)


@lru_cache(maxsize=2_000)
def _named(term: str) -> str:
    """Return the kind that a term for a genre stands for; most stand for none."""
    kind = read_term(term, Notes())
    return "" if kind == "other" and term.lower() != kind else kind


def _coded(record: Marc) -> str:
    material, level = record.leader[6:7], record.leader[7:8]
    coded = record.control("008")
    if "502" in record.by_tag:
        return "thesis"
    if material == "m":
        return COMPUTER_FILES.get(coded[26:27], "other")
    if material not in ("a", "t"):
        return TYPES.get(material, "")
    if level in ("a", "b") and any(value(field, "x") for field in record.fields("773")):
        return "article"
    if level == "m":
        return _book(record, coded)
    return "web" if level == "i" and coded[21:22] == "w" else LEVELS.get(level, "")


def _book(record: Marc, coded: str) -> str:
    """Return what a book is by the nature of its contents, by being of a conference, or by its report number."""
    if coded[24:28] == NOT_CODED:
        return ""
    if found := next((CONTENTS[letter] for letter in coded[24:28] if letter in CONTENTS), ""):
        return found
    if coded[29:30] == "1":
        return "conference"
    return "report" if record.fields("027", "088") else "book"
