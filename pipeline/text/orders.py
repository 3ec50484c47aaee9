"""Order numbers: which one a text names, and the mark by which all spellings of one number are the same.

A number in a text is private. Only its mark leaves this file: a digest, as good as the number for finding what else
belongs to the order.
"""

import re
import unicodedata
from hashlib import blake2b

from pipeline.text.letters import SPOKEN_DIGITS

_MARK_BYTES = 8
_BETWEEN = r"[^0-9A-Za-z\n\u3400-\u9fff]{0,3}"
_SAID = "".join(SPOKEN_DIGITS)
# What stands behind a comma alone is the next word: 订单号…，一直没发货. Two digits and more are the next group.
_GROUP = rf"[\d{_SAID}](?:[ \-·、]?[\d{_SAID}])+"
# 订单尾号 is left out on purpose: four digits are those of many orders.
_NAMED = re.compile(
    rf"(?:订单|訂單)(?:编?号码?|編?號碼?)?{_BETWEEN}(?:[是为為]{_BETWEEN})?"
    rf"([A-Za-z]{{0,6}}[-_]?\d(?:[ \-_]{{0,2}}[0-9A-Za-z]){{5,39}}(?![0-9A-Za-z]|[{_SAID}]{{2}})"
    rf"|[A-Za-z]{{0,6}}{_GROUP}(?:[,，] ?{_GROUP})*)"
)
_SEPARATORS = re.compile(r"[\s\-_.,，、·/#:：]")
_SPOKEN = str.maketrans(SPOKEN_DIGITS)
_NUMBER = re.compile(rf"[A-Za-z]*[\d{_SAID}]+")
_SHORTEST = 6  # of what a text names; fewer digits are a count, a price, or those of many orders


def find_order(text: str) -> str:
    """The mark of the last order that a text names by its number, in any way to write or say it; else nothing."""
    if "订单" not in text and "訂單" not in text:
        return ""
    names = [_name(number) for number in _NAMED.findall(unicodedata.normalize("NFKC", text))]
    named = [name for name in names if len(name) >= _SHORTEST]
    return _mark(named[-1]) if named else ""


def order_mark(order_id: str) -> str:
    """The mark of an order: the same for `dd-1380 0012`, `DD13800012` and DD幺三八零零零幺二; nothing for nothing."""
    return _mark(_name(unicodedata.normalize("NFKC", order_id))) if order_id else ""


def _name(number: str) -> str:
    """A number in its one spelling; what is more than a number keeps its other signs."""
    plain = _SEPARATORS.sub("", number) or number
    return (plain.translate(_SPOKEN) if _NUMBER.fullmatch(plain) else plain).upper()


def _mark(name: str) -> str:
    return blake2b(name.encode(), digest_size=_MARK_BYTES).hexdigest()
