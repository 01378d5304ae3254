"""Notes in a change set what became of headings, whatever changed them between: a form, a merge, an import."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from catalogue.authorities import entries
from catalogue.authorities.entries import Entry
from catalogue.authorities.files import AuthorityFile
from catalogue.authorities.models import HeadingChange
from catalogue.models import ChangeSet


@contextmanager
def noting(change_set: ChangeSet, file: AuthorityFile, numbers: Iterable[int]) -> Iterator[None]:
    """Note in the change set how these headings differ after the block from what they were before it."""
    wanted = list(numbers)
    before = entries.read(file, wanted)
    yield
    note(change_set, file, before, entries.read(file, wanted))


def note(
    change_set: ChangeSet, file: AuthorityFile, before: Mapping[int, Entry], after: Mapping[int, Entry]
) -> list[int]:
    """Note the headings that differ and return their numbers. What the set noted before keeps its first state."""
    numbers = sorted(before.keys() | after.keys())
    changed = [number for number in numbers if before.get(number) != after.get(number)]
    own = change_set.heading_changes.filter(kind=file.name, number__in=changed) if changed else ()
    noted = {change.number: change for change in own}
    for number, change in noted.items():
        change.after = _json(after.get(number))
    HeadingChange.objects.bulk_update(noted.values(), ["after"], batch_size=500)
    HeadingChange.objects.bulk_create(
        [
            HeadingChange(
                change_set=change_set,
                kind=file.name,
                number=number,
                before=_json(before.get(number)),
                after=_json(after.get(number)),
            )
            for number in changed
            if number not in noted
        ],
        batch_size=1000,
    )
    return changed


def _json(entry: Entry | None) -> dict[str, object] | None:
    return entry.to_dict() if entry else None
