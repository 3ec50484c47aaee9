"""Classes of characters that the text rooms share, as the inside of a regular expression's brackets.

They are computed once from Python's own character database: a table written by hand would age with each Unicode
version.
"""

import re
import unicodedata

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
SPOKEN_DIGITS = dict(
    zip("零一二三四五六七八九〇○幺么两洞拐勾壹贰叁肆伍陆柒捌玖貳參陸", "012345678900112079123456789236", strict=True)
)

# Public numbers that people threaten with or are told to call; never a private phone number.
HOTLINES = frozenset(
    re.findall(
        r"\d+",
        "315 12315 12345 12381 12378 12300 12363 12321 12328 12305 12306 12318 12333 12348 12358 12366 12369 12386"
        " 12388 12389 12398 110 119 120 122 10000 10010 10086 10099 11185 11183 95588 95533 1950 96315",
    )
)

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_CONTROL = "\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"


def _bmp_classes() -> tuple[str, str, str]:
    """Basic-plane characters that NFKC does not map one to one, that join the one before, that become another one."""
    uneven, joining, changed = [], [], []
    for code in range(0x80, 0x10000):
        if (
            code == 0x2026 or 0xD800 <= code < 0xE000 or 0x3400 <= code < 0xA000
        ):  # the ellipsis and surrogates are replaced; Han letters stay
            continue
        char = chr(code)
        if (
            unicodedata.category(char)[0] == "M" or 0x1160 <= code < 0x1200
        ):  # marks and the later letters of a Hangul syllable
            joining.append(char)
        elif len(unicodedata.normalize("NFKC", char)) != 1 or len(char.lower()) != 1:
            uneven.append(char)
        elif unicodedata.normalize("NFKC", char) != char:
            changed.append(char)
    return re.escape("".join(uneven)), re.escape("".join(joining)), "".join(changed)


_UNEVEN, JOINING, CHANGED = _bmp_classes()

INVISIBLE = re.compile(f"[{_INVISIBLE}\U000e0000-\U000e01ef]+")
# What a reader does not see as a character of its own: the invisible, and marks such as the frame of a keycap.
UNSEEN = re.compile(f"[{_INVISIBLE}{JOINING}\U000e0000-\U000e01ef]+")
CONTROL = re.compile(f"[{_CONTROL}]")
SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL_BUT_SEPARATOR = "\u0000-\u0008\u000b\u000c\u000e-\u001d\u001f\u007f-\u009f"
# Anything that keeps a text from being folded one to one together with its neighbours. Astral letters and marks are
# rare enough to be treated one by one; emoji are not, and are safe.
UNEVEN = re.compile(
    f"[{_UNEVEN}{JOINING}{_INVISIBLE}{_CONTROL_BUT_SEPARATOR}\ud800-\udfff\U00010000-\U0001efff\U0001f100-\U0001f2ff\U0001fb00-\U0010ffff]"
)
UNEVEN_BMP = "".join(char for char in map(chr, range(0x10000)) if UNEVEN.match(char))
