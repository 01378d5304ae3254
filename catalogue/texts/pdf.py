"""The text of a PDF, page by page, by PDFium, the library of Chromium. Runs only in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from catalogue.texts.bounds import End, Stopped


def pages(path: Path) -> Iterator[str]:
    """Yield the text of each page; "" for one that has none or cannot be read. Raises Stopped."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        is_protected = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        raise Stopped(End.PROTECTED if is_protected else End.DAMAGED) from error
    count = len(document)
    if not count:
        raise Stopped(End.DAMAGED)
    for number in range(count):
        yield _text(document, number)


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:  # one page is damaged, and the others may not be
        return ""
    try:
        return str(page.get_textpage().get_text_bounded())
    except pypdfium2.PdfiumError:
        return ""
    finally:
        page.close()
