"""Telephone numbers as they are dialled at home: whether a country stands before one, and a zero that is none of it."""

import re

_HOME, _ABROAD = "86", "00"
_LONGEST_MOBILE = 11
_IS_INTERNATIONAL = re.compile(r"\D*[+\uff0b]")
_MOBILE = re.compile("0?(1[3-9].*)")
_SHORTEST_LANDLINE = 10  # with its area code and without the zero before it
_LONGEST_CUT = 4  # what a prefix of seven characters keeps behind +86


def at_home(number: str) -> str:
    """A number, or its first digits, as dialled in mainland China: `0755…`, `138…`; `+852…` where it is from elsewhere.

    Empty for what has no place: `+86 95588` is a service, and no landline of the area 0955.
    """
    digits = "".join(each for each in number if each in "0123456789")
    if _IS_INTERNATIONAL.match(number) or digits.startswith(_ABROAD):
        digits = digits.removeprefix(_ABROAD)
        return _national(digits.removeprefix(_HOME)) if digits.startswith(_HOME) else f"+{digits}"
    if digits.startswith(_HOME) and len(digits) > _LONGEST_MOBILE:
        return _national(digits.removeprefix(_HOME))
    mobile = _MOBILE.fullmatch(digits)
    return mobile[1] if mobile else digits


def _national(digits: str) -> str:
    if mobile := _MOBILE.fullmatch(digits):
        return mobile[1]
    if digits.startswith("0"):
        return digits
    return "" if _LONGEST_CUT < len(digits) < _SHORTEST_LANDLINE else f"0{digits}"
