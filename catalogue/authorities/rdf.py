"""Files of RDF, as hostile as any file: read with a bound on their size, and never more than what they hold.

RDF/XML may declare abbreviations (entities), and editors do. Those that point elsewhere or that hold one another, by
which a small file becomes an endless one, are refused before the parser of rdflib sees the file.
"""

import logging
import re
from xml.parsers import expat

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from rdflib import Graph
from rdflib.exceptions import ParserError

from catalogue.authorities.merging import Refused

MOST_BYTES = 20 * 1024**2
# As much as all entities of a file may grow to where they are used.
MOST_GROWN = 5 * 1024**2
MOST_ENTITIES = 100
LONGEST_ENTITY = 500
ENCODINGS = ("", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252")

# Against which the names in a file are read that say no more than what they are called there.
BASE = "http://file.invalid/"

_XML = re.compile(rb"\s*<(\?xml|!DOCTYPE|!--|([\w.-]+:)?RDF[\s>])", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"


def read(content: bytes) -> Graph:
    """Return the statements of a file of RDF/XML or Turtle. Raises Refused, with what is wrong with it."""
    if len(content) > MOST_BYTES:
        sentence = _("The file has %(size)s, and the most is %(most)s.")
        raise Refused(sentence % {"size": filesizeformat(len(content)), "most": filesizeformat(MOST_BYTES)})
    content = content.removeprefix(_BOM)
    if not content.strip():
        raise Refused(_("The file is empty."))
    if _XML.match(content):
        check_xml(content)
        return _parse(content, "xml")
    return _parse(content, "turtle")


def _parse(content: bytes, syntax: str) -> Graph:
    graph = Graph()
    # It complains there of every odd date or number in a file, of which none is used here.
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    try:
        graph.parse(data=content, format=syntax, publicID=BASE)
    except RecursionError as error:
        raise Refused(_("The file cannot be read: it is nested too deeply.")) from error
    # rdflib lets through whatever its parsers happen to raise.
    except (ParserError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise _unreadable(error) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("rdflib", "xml"):
            raise
        raise _unreadable(error) from error
    return graph


def _unreadable(error: Exception) -> Refused:
    reason = " ".join(str(error).split())[:200]
    return Refused(_("The file is neither RDF/XML nor Turtle that can be read: %(reason)s") % {"reason": reason})


def check_xml(content: bytes) -> None:
    """Raise Refused for XML that would fetch other files, or that would grow beyond all bounds."""
    declarations = _Declarations(content)
    parser = expat.ParserCreate()
    parser.XmlDeclHandler = declarations.check_encoding
    parser.StartDoctypeDeclHandler = declarations.check_type
    parser.EntityDeclHandler = declarations.add
    parser.EndDoctypeDeclHandler = declarations.end
    parser.StartElementHandler = declarations.end
    try:
        parser.Parse(content, True)
    except _Enough:
        return
    except expat.ExpatError as error:
        raise _unreadable(error) from error


class _Enough(Exception):
    """All declarations of a file have been seen; none can stand after this."""


class _Declarations:
    """What stands before the first element of an XML file. Its methods are called as it is read."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.entities: dict[str, str] = {}

    def check_encoding(self, version: str, name: str | None, standalone: int) -> None:
        if (name or "").lower() not in ENCODINGS:
            raise Refused(_("The file is written in %(name)s. Save it as UTF-8.") % {"name": (name or "")[:40]})

    def check_type(self, name: str, system: str | None, public: str | None, has_subset: bool) -> None:
        if system or public:
            raise Refused(_("The file refers to another file (its document type); such files are refused."))

    def add(self, name: str, is_parameter: bool, value: str | None, *elsewhere: str | None) -> None:
        if value is None or is_parameter:
            sentence = _("The file refers to other files (entity “%(name)s”); such files are refused.")
            raise Refused(sentence % {"name": name[:40]})
        if "&" in value or len(value) > LONGEST_ENTITY or len(self.entities) == MOST_ENTITIES or not name.isascii():
            sentence = _("The entities of the file (“%(name)s”) could make it grow without end; it is refused.")
            raise Refused(sentence % {"name": name[:40]})
        self.entities[name] = value

    def end(self, *_name: object) -> None:
        uses = ((self.content.count(f"&{name};".encode()), value) for name, value in self.entities.items())
        if sum(count * len(value) for count, value in uses) > MOST_GROWN:
            raise Refused(_("The entities of the file would make it grow beyond all bounds; it is refused."))
        raise _Enough
