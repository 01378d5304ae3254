"""How often Python looks for garbage in circles. Imports and indexing make none, and would be looked through for it.

`importing` and `search.indexing` call it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_USUAL = gc.get_threshold()
_RARE = 100_000


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Look for garbage only after a hundred thousand things were made, which is once for thousands of records."""
    gc.set_threshold(_RARE, *_USUAL[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)
