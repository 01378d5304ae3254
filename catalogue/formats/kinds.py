"""The kinds of document that people name in their own ways: "doctoral thesis" and "Dissertation" become "thesis"."""

import re
from functools import lru_cache

from django.utils.translation import gettext as _

from catalogue import codes
from catalogue.folding import fold_heading
from catalogue.formats.base import Notes

# The code, then what else it is called, folded and without anything but letters and digits between.
SYNONYMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("report", ("research report", "technical report", "annual report", "final report", "project report", "reports")),
    ("report", ("bericht", "forschungsbericht", "rapport", "informe", "raportti", "tutkimusraportti", "techreport")),
    ("evaluation", ("evaluation report", "evaluation study", "programme evaluation", "program evaluation")),
    (
        "working-paper",
        ("workingpaper", "discussion paper", "preprint", "arbeitspapier", "document de travail", "paper"),
    ),
    (
        "policy",
        ("policy report", "policy brief", "policy paper", "policy document", "white paper", "briefing", "strategy"),
    ),
    ("thesis", ("doctoral thesis", "doctoral dissertation", "dissertation", "phd thesis", "phd", "phdthesis")),
    ("thesis", ("master thesis", "masters thesis", "master s thesis", "mastersthesis", "bachelor thesis")),
    (
        "thesis",
        ("bachelor s thesis", "bachelors thesis", "these", "tesis", "vaitoskirja", "opinnayte", "licentiate thesis"),
    ),
    ("conference", ("conference paper", "conference proceedings", "conference contribution", "inproceedings")),
    ("conference", ("proceedings", "conference item", "presentation", "konferenzbeitrag", "kokousjulkaisu")),
    ("chapter", ("encyclopedia article", "dictionary entry")),
    ("article", ("journal article", "magazine article", "newspaper article", "artikel", "articulo", "artikkeli")),
    ("chapter", ("book part", "book chapter", "book section", "part of book", "inbook", "incollection", "kapitel")),
    ("book", ("monograph", "books", "buch", "livre", "libro", "kirja", "bok", "edited book")),
    ("dataset", ("data", "data set", "datasets", "datensatz", "statistics", "jeu de donnees")),
    ("web", ("blog post", "blog", "web page", "webpage", "website", "web site", "internet resource", "blogpost")),
    ("teaching", ("teaching material", "learning object", "lecture", "course", "training material", "oppimateriaali")),
    ("legal", ("legal document", "legislation", "law", "act", "bill", "statute", "case", "court decision", "gesetz")),
    (
        "media",
        ("audio", "video", "image", "sound", "film", "podcast", "photograph", "map", "still image", "moving image"),
    ),
    ("media", ("audio recording", "video recording", "radio broadcast", "tv broadcast", "artwork")),
    ("legal", ("hearing",)),
    ("web", ("forum post",)),
    ("other", ("document", "manuscript", "letter", "email", "interview", "patent", "standard", "computer program")),
    ("other", ("misc", "miscellaneous", "sonstiges", "autre", "otro", "muu")),
)


@lru_cache(maxsize=1_000)
def _fold(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold_heading(text)).split())


_BY_NAME = {_fold(code): code for code in codes.KINDS}
_BY_NAME |= {_fold(name): code for code, names in SYNONYMS for name in names}


# What parts the words of "journalArticle", and the kinds that DSpace lists.
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])")
_SEVERAL = "||"


def known_kind(text: str) -> str:
    """Return the code of a kind of document that is known by this name; empty for any other."""
    if text in codes.KINDS:
        return text
    text = text.partition(_SEVERAL)[0]
    word = _fold(text)
    known = _BY_NAME.get(word) or _BY_NAME.get(_fold(_HUMP.sub(" ", text)))
    return known or next((code for code, label in codes.KINDS.items() if word and _fold(str(label)) == word), "")


def read_kind(text: str, notes: Notes) -> str:
    """Return the code of a kind of document; one that nobody knows is "other", with a warning."""
    if not text:
        return ""
    if known := known_kind(text):
        return known
    if not _fold(text):
        return ""
    notes.warn(_("The kind of document “%(value)s” is not known; “other” was taken.") % {"value": text[:80]})
    return "other"
