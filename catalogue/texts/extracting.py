"""The process that reads one document: `python -m catalogue.texts.extracting KIND PATH` (apart.py starts it).

It binds itself before it opens what may be hostile, and writes a line of JSON for each page, and one for the end. It
knows neither the database nor the settings.
"""

import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from catalogue.texts.bounds import MEMORY, MOST_WRITTEN, SECONDS, End, Stopped, bounded, parts

# The parent ends it after SECONDS, and says so; where there is none any more, it ends by itself a little later.
GRACE = 5

_LIMITS = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CPU: SECONDS + GRACE,
    resource.RLIMIT_FSIZE: MOST_WRITTEN,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 32,
}


def pdf_pages(path: Path) -> Iterator[str]:
    from catalogue.texts import pdf  # only what the one document needs: each is a process

    return pdf.pages(path)


def docx_parts(path: Path) -> Iterator[str]:
    return parts(_office().docx_paragraphs(path))


def odt_parts(path: Path) -> Iterator[str]:
    return parts(_office().odt_paragraphs(path))


def _office():  # type: ignore[no-untyped-def]
    from django.conf import settings

    settings.configure(USE_I18N=False)  # the readers of formats translate what they say of damage
    from catalogue.texts import office

    return office


def text_parts(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        yield from parts(line.rstrip("\n") for line in iter(lambda: file.readline(100_000), ""))


READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    "pdf": pdf_pages,
    "docx": docx_parts,
    "odt": odt_parts,
    "txt": text_parts,
}


def main(kind: str, path: str) -> None:
    _bind()
    number = 0

    def counted() -> Iterator[str]:
        nonlocal number
        for page in READERS[kind](Path(path)):
            number += 1
            yield page

    end = End.READ
    try:
        for place, text in bounded(counted()):
            _write({"page": place, "text": text})
    except Stopped as stopped:
        end = stopped.end
    except FileNotFoundError:
        end = End.MISSING
    except (MemoryError, RecursionError):
        end = End.HUGE
    _write({"end": end, "pages": number})


def _bind() -> None:
    for limit, most in _LIMITS.items():
        _soft, hard = resource.getrlimit(limit)
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # macOS refuses some; there time alone binds
            resource.setrlimit(limit, (lowest, hard))
    signal.alarm(SECONDS + GRACE)


def _write(line: dict[str, int | str]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    main(*sys.argv[1:])
