"""The formats that the catalogue reads and writes. Imports and exports call this package; it knows bytes and Drafts.

The order of FORMATS is the order of detection: what is easily told apart comes first, tables of any kind last.
"""

from django.utils.translation import gettext as _

from catalogue.formats.base import Format, FormatError, ReadOptions, Row
from catalogue.formats.bibtex import BibTeX
from catalogue.formats.containers import Gzipped, Zipped
from catalogue.formats.csljson import CslJson
from catalogue.formats.dublincore import DublinCore
from catalogue.formats.jsonlines import JsonLines
from catalogue.formats.labelled import Labelled
from catalogue.formats.marc import Marc21
from catalogue.formats.marcxml import MarcXml
from catalogue.formats.mods import Mods
from catalogue.formats.ods import Ods
from catalogue.formats.recognition import refuse_binary
from catalogue.formats.refer import Refer
from catalogue.formats.ris import Ris
from catalogue.formats.tabular import Csv, Tsv
from catalogue.formats.xlsx import Xlsx

__all__ = ["FORMATS", "WRITTEN", "Format", "FormatError", "ReadOptions", "Row", "detect", "get_format"]


def detect(sample: bytes, name: str = "", is_table: bool = False) -> Format:
    """Return the format that the first bytes of a file (64 KB are enough) are written in.

    Where they are in none, a file that is called or said to be a table is one: its columns may have any names. Raises
    FormatError, saying what the file looks like instead, when it is in none of them.
    """
    formats = FORMATS.values()
    found = next((item for item in formats if item.binary and item.detects(sample)), None)
    if found:
        return found
    refuse_binary(sample)
    for item in formats:
        if not item.binary and item.detects(sample):
            return item
    tables = _TABLES if is_table or name.lower().endswith(_TABLE_ENDINGS) else ()
    for table in tables:
        if table.could_be(sample):
            return table
    message = _("This file is not in a format that is known here. Known are: %(known)s. If it is one of them, name it.")
    raise FormatError(message % {"known": _known(FORMATS)})


def _endings() -> frozenset[str]:
    """Return how the names of files in the known formats end."""
    return frozenset(ending for item in FORMATS.values() for ending in item.extensions)


_TABLES = (Tsv(), Csv())
_TABLE_ENDINGS = (".csv", ".tsv", ".tab")
# What records can be read from.
FORMATS: dict[str, Format] = {
    item.name: item
    for item in (
        Marc21(),
        Xlsx(),
        Ods(),
        Zipped(detect, _endings),
        Gzipped(detect),
        CslJson(),
        JsonLines(),
        MarcXml(),
        Mods(),
        DublinCore(),
        Ris(),
        Refer(),
        BibTeX(),
        Labelled(),
        *_TABLES,
    )
}
WRITTEN: dict[str, Format] = {name: item for name, item in FORMATS.items() if item.is_written}


def get_format(name: str) -> Format:
    """Return the format of that name; raises FormatError with the names to choose from when there is none."""
    try:
        return FORMATS[name.strip().lower()]
    except KeyError:
        message = _("There is no format called “%(name)s”. Known are: %(known)s.")
        raise FormatError(message % {"name": name, "known": _known(FORMATS)}) from None


def _known(formats: dict[str, Format]) -> str:
    return ", ".join(f"{item.name} ({item.label})" for item in formats.values())
