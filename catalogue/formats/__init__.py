"""The formats that the catalogue reads and writes. Imports and exports call this package; it knows bytes and Drafts.

The order of FORMATS is the order of detection: what is easily told apart comes first, tables of any kind last.
"""

from django.utils.translation import gettext as _

from catalogue.formats.base import Format, FormatError, ReadOptions, Row
from catalogue.formats.bibtex import BibTeX
from catalogue.formats.csljson import CslJson
from catalogue.formats.jsonlines import JsonLines
from catalogue.formats.labelled import Labelled
from catalogue.formats.recognition import refuse_binary
from catalogue.formats.ris import Ris
from catalogue.formats.tabular import Csv, Tsv

__all__ = ["FORMATS", "WRITTEN", "Format", "FormatError", "ReadOptions", "Row", "detect", "get_format"]

FORMATS: dict[str, Format] = {
    item.name: item for item in (CslJson(), JsonLines(), Ris(), BibTeX(), Labelled(), Tsv(), Csv())
}
# What records can be written in.
WRITTEN: dict[str, Format] = {**FORMATS}


def detect(sample: bytes) -> Format:
    """Return the format that the first bytes of a file (64 KB are enough) are written in.

    Raises FormatError, saying what the file looks like instead, when it is in none of them.
    """
    refuse_binary(sample)
    for item in FORMATS.values():
        if item.detects(sample):
            return item
    message = _("This file is not in a format that is known here. Known are: %(known)s. If it is one of them, name it.")
    raise FormatError(message % {"known": _known(FORMATS)})


def get_format(name: str) -> Format:
    """Return the format of that name; raises FormatError with the names to choose from when there is none."""
    try:
        return WRITTEN[name.strip().lower()]
    except KeyError:
        message = _("There is no format called “%(name)s”. Known are: %(known)s.")
        raise FormatError(message % {"name": name, "known": _known(WRITTEN)}) from None


def _known(formats: dict[str, Format]) -> str:
    return ", ".join(f"{item.name} ({item.label})" for item in formats.values())
