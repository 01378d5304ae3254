"""What a person has chosen for an import, as the wizard keeps it in JSON and as the import understands it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from catalogue import codes
from catalogue.formats import ReadOptions
from catalogue.importing import Matching, Run
from catalogue.people.rights import PUBLISH

READING = tuple(one.name for one in fields(ReadOptions))


@dataclass(frozen=True)
class Options:
    """All choices of the wizard. Those that a saved mapping keeps are KEPT."""

    format: str = ""
    mapping: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    separator: str = ";"
    separators: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    names: str = ""
    skip_bad: bool = False
    rules: tuple[str, ...] = Matching().rules
    on_match: str = Matching().on_match
    overwrite: tuple[str, ...] = ()
    on_near: str = Matching().on_near
    status: str = codes.PUBLISHED
    source: str = ""
    reason: str = ""
    # The saved mapping that was used by itself, until somebody has seen the form.
    mapped_by: str = ""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build the options from JSON; what an older version kept and this one does not know is left out."""
        known = {one.name for one in fields(cls)}
        kept: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**{name: value for name, value in kept.items() if name in known})

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def reading(self) -> ReadOptions:
        """Return what is said about the file; every choice that readers know has the same name here."""
        return ReadOptions(**{name: getattr(self, name) for name in READING if hasattr(self, name)})

    def run(self, dry: bool, user: Any, reason: str, errors: Path, waiting: Callable[[], None]) -> Run:
        matching = Matching(self.rules, self.on_match, self.overwrite, self.on_near)
        return Run(
            dry=dry,
            skip_bad=self.skip_bad,
            user=user,
            reason=f"{reason}: {self.reason}" if self.reason else reason,
            matching=matching,
            status=self.status,
            source=self.source,
            unpublished=user is None or not user.has_perm(PUBLISH),
            errors=errors,
            waiting=waiting,
        )


# What is told from each file anew, also where a saved mapping is used by itself.
OF_THE_FILE = ("format", "encoding", "delimiter", "sheet")
KEPT = (
    *("format", "mapping", "separator", "separators", "encoding", "delimiter", "sheet", "names"),
    *("rules", "on_match", "overwrite", "on_near", "status", "source"),
)
