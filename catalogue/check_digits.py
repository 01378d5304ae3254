"""The last character of an ISBN or ISSN, which tells a number that was mistyped (ISO 2108, ISO 3297)."""

_WORTH = {"X": 10, **{str(digit): digit for digit in range(10)}}


def is_isbn(digits: str) -> bool:
    """Tell whether these are the ten or thirteen digits of an ISBN, without hyphens, with the right check digit."""
    if len(digits) == 13 and digits.isascii() and digits.isdigit():
        return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0
    return len(digits) == 10 and _is_weighted(digits)


def is_issn(digits: str) -> bool:
    """Tell whether these are the eight digits of an ISSN, without a hyphen, with the right check digit."""
    return len(digits) == 8 and _is_weighted(digits)


def _is_weighted(digits: str) -> bool:
    """Tell whether the digits, each times its place from the end, are a multiple of 11; only the last may be an X."""
    if "X" in digits[:-1] or not set(digits) <= _WORTH.keys():
        return False
    return sum(_WORTH[digit] * place for place, digit in zip(range(len(digits), 0, -1), digits, strict=True)) % 11 == 0
