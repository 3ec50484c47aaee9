"""Small numbers as they are said and written: 3, 1.5, 两, 十五, 二十四, 一百二十; of 两三 and 3-5 the larger one."""

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2}
_HAN = "零一二两俩三四五六七八九十百"
ONE = rf"(?:\d{{1,3}}(?:\.5)?|[{_HAN}]{{1,5}})"
NUMBER = rf"{ONE}(?:[-~—–至到或、]{ONE})?"
_PARTS = re.compile(ONE)


def number_of(text: str) -> float:
    """The number that an expression of `NUMBER` means; of two, or of a pair such as 两三, the larger one."""
    return max(_one(part) for part in _PARTS.findall(text))


def _one(text: str) -> float:
    if text[0].isdigit():
        return float(text)
    if not set(text) & {"十", "百"}:
        values = [_DIGITS[char] for char in text]
        return max(values) if len(values) <= 2 else int("".join(map(str, values)))
    total, digit = 0, None
    for char in text:
        if char == "百":
            total, digit = total + 100 * (1 if digit is None else digit), None
        elif char == "十":
            total, digit = total + 10 * (1 if digit is None else digit), None
        else:
            digit = max(_DIGITS[char], digit or 0)
    return total + (digit or 0)
