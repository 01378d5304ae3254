"""The help page, made from the table of fields and the constructs of the language, each with an example that works."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from search.facets import FACETS
from search.fields import FIELDS


@dataclass(frozen=True)
class Example:
    """Something that can be typed, and what it finds."""

    text: str
    meaning: str | Promise

    @property
    def url(self) -> str:
        return f"{reverse('results')}?{urlencode({'q': self.text})}"


CONSTRUCTS = (
    Example("peer mentoring", _("Records with both words, in any order and any field.")),
    Example('"peer support"', _("These words as they stand, next to each other.")),
    Example('"peer prison"~5', _("These words near each other, at most five apart.")),
    Example("prison OR jail", _("Records with either word, or both. OR is written in capitals.")),
    Example("prison NOT women", _("Without a word. A minus before it does the same: prison -women.")),
    Example("rehab*", _("Words that begin so: rehabilitation, rehabilitate.")),
    Example("wom?n", _("One letter may differ: woman, women.")),
    Example("(prison OR jail) education", _("Brackets keep together what belongs together.")),
    Example("author:fletcher", _("A word in one field; the names of the fields are below.")),
    Example("year:2010-2015", _("Years from and to. Open ranges, too: year:2015- and year:-1999.")),
    Example('keyword="Peer Support"', _("A whole keyword, author or country, and nothing longer.")),
)


def context() -> dict[str, Any]:
    fields = [
        {"label": field.label, "help": field.help, "example": Example(_in_field(field.name, field.example), "")}
        for field in FIELDS.values()
    ]
    return {"constructs": CONSTRUCTS, "fields": fields, "facets": [facet.title for facet in FACETS.values()]}


def _in_field(name: str, example: str) -> str:
    return f"{name}:({example})" if " " in example else f"{name}:{example}"
