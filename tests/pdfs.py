"""Makes PDFs for tests: pages of plain lines, as small as a PDF can be, and damaged, each time in the same way."""

import random


def make_pdf(*pages: str) -> bytes:
    """Return a PDF with these texts, a page each; the lines of a page stand below each other."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>"
        % (len(pages), b" ".join(b"%d 0 R" % (4 + 2 * place) for place in range(len(pages)))),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for place, text in enumerate(pages):
        lines = [f"({_escaped(line)}) Tj T*" for line in text.splitlines()]
        content = "\n".join(["BT /F1 11 Tf 14 TL 60 780 Td", *lines, "ET"]).encode("cp1252")
        resources = b"/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 595 842]"
        objects.append(b"<</Type/Page/Parent 2 0 R%s/Contents %d 0 R>>" % (resources, 5 + 2 * place))
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    return _file(objects)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _file(objects: list[bytes]) -> bytes:
    made = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table + trailer


def damaged(content: bytes, seed: int) -> bytes:
    """Return the bytes with some exchanged, cut out, doubled or cut off, the same for the same seed."""
    chance = random.Random(seed)
    made = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        place, length = chance.randrange(len(made)), chance.choice((1, 4, 60, 900))
        piece = made[place : place + length]
        harm = chance.randrange(4)
        if harm == 0:
            made[place : place + length] = chance.randbytes(len(piece))
        elif harm == 1:
            del made[place : place + length]
        elif harm == 2:
            made[place:place] = piece * chance.randint(1, 30)
        else:
            made[place : place + 1] = chance.choice((b"0", b"9999999999", b"-1", b"<<", b"]", b"stream", b"1 0 R"))
    return bytes(made[: chance.randint(1, len(made))] if chance.random() < 0.2 else made) or b"%"
