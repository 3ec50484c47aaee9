"""Demands: has the customer asked for the same thing before? Kept as a sketch of the sentence, never as its text.

The sketch is a bitmap of 256 bits with one bit for each pair of neighbouring characters; the share of bits in common
estimates how similar two sentences are. Behind it stands a smaller one of the numbers in the sentence: who asks for
order 1001, then for 1002, asks for two things in the same words.
"""

import re
import unicodedata
import zlib

import msgspec
from ahocorasick_rs import AhoCorasick, Implementation

SIMILAR_SHARE = 0.6
MIN_CHARS = 6
LIFTING_COUNT = 3  # said for the third time, a polite chase is a complaint
_MAX_CHARS = 80  # longer sentences would fill the bitmap and resemble everything
_MAX_DEMANDS = 8
_MAX_UTTERANCES = 8

# Only a sentence that wants something can be a demand; 嗯好的 said five times is none. Words in both scripts.
_WANTING = (
    *"催退赔賠修换換还還",
    "处理",
    "處理",
    "解决",
    "解決",
    "帮我",
    "幫我",
    "给我",
    "給我",
    "什么时候",
    "什麼時候",
    "多久",
    "赶紧",
    "趕緊",
    "尽快",
    "盡快",
    "发货",
    "發貨",
    "取消",
    "转人工",
    "轉人工",
    "我要",
    "要求",
    "安排",
    "能不能",
    "可不可以",
    "联系",
    "聯繫",
    "聯絡",
)
_NOT_SAID = re.compile(r"[\W_]+")

# A number tells one thing from another. How often or how long it was asked for does not: 打了三次, then 第四次了.
_HAN_DIGITS = "零〇幺一二两兩三四五六七八九十"
_MEASURE = (
    r"(?:[个個]?(?:小[时時]|[钟鐘][头頭]|工作日|星期|[礼禮]拜|[电電][话話]|人)|[个個]月|分[钟鐘]|"
    r"[次遍回趟通天周週秒点點]|[:：]\d)"
)
_NUMBER = re.compile(
    rf"第(?:\d++|[{_HAN_DIGITS}]++)(?!{_MEASURE})|(?<![\d点點])(?<!\d[:：])\d++(?!{_MEASURE})|"
    rf"[{_HAN_DIGITS}]++[月号號]|[{_HAN_DIGITS}]{{3,}}+(?!{_MEASURE})"
)
_may_have_numbers = re.compile(rf"[\d{_HAN_DIGITS}]").search  # most sentences have none, and this tells it sooner
_SKETCH_BYTES = 32
_NUMBER_BYTES = 8
_READ_CHARS = 2 * _MAX_CHARS  # of a sentence, for its numbers
# Asked of every customer text: the automaton tells in a third of the time that an expression of alternatives takes.
_wants = AhoCorasick(_WANTING, implementation=Implementation.ContiguousNFA).find_matches_as_indexes

# The bit of a pair is (31 * first + 17 * second) mod 256 of the two characters' codes: products by table, sums by bit.
_FIRST = bytes(31 * code & 255 for code in range(256))
_SECOND = bytes(17 * code & 255 for code in range(256))
_BIT = tuple(1 << (total & 255) for total in range(2 * 255 + 1))


class Demand(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One thing the customer wants: how it was last put, how often it was said, and in which utterances.

    Its `sketch` holds every number that was said of it, though it was last put without one.
    """

    sketch: bytes
    at_ms: int
    utterance_ids: tuple[str, ...]
    count: int = 1


def sketch(text: str) -> bytes | None:
    """The sketch of a sentence that wants something; None for any other."""
    if len(text) < MIN_CHARS:
        return None
    try:
        if not _wants(text):
            return None
    except UnicodeEncodeError:  # half of a surrogate pair: the codec refuses it, the command line does not
        return sketch(text.encode(errors="replace").decode())
    sentence = sentence_sketch(text, min_chars=MIN_CHARS)
    return None if sentence is None else sentence + _numbers_sketch(text)


def _numbers_sketch(text: str) -> bytes:
    """One bit for each number of a sentence; nothing where it has none."""
    if not _may_have_numbers(text):
        return b""
    bits = 0
    for number in _NUMBER.findall(text[:_READ_CHARS]):
        plain = unicodedata.normalize("NFKC", number).encode()
        bits |= 1 << zlib.crc32(plain) % (8 * _NUMBER_BYTES)
    return _as_bytes(bits)


def sentence_sketch(text: str, *, min_chars: int) -> bytes | None:
    """The sketch of any sentence; None for one that is too short to be told from others."""
    said = _NOT_SAID.sub("", text)[:_MAX_CHARS]
    if len(said) < min_chars:
        return None
    codes = said.encode("utf-32-le", "replace")[::4]  # of each code the low byte: the rest does not count in mod 256
    bits = 0
    for first, second in zip(codes.translate(_FIRST), codes[1:].translate(_SECOND), strict=False):
        bits |= _BIT[first + second]
    return bits.to_bytes(32, "little")


def likeness(one: int, other: int) -> float:
    """Share of bits that two sketches have in common, 0 to 1."""
    return (one & other).bit_count() / ((one | other).bit_count() or 1)


def add_demand(demands: tuple[Demand, ...], sentence: bytes, *, utterance_id: str, at_ms: int) -> tuple[Demand, ...]:
    """Count a sentence with the demand it repeats, or as a new one. A corrected utterance does not repeat itself."""
    best, best_likeness = None, 0.0
    bits, numbers = _bits(sentence)
    for demand in demands:
        if utterance_id in demand.utterance_ids:
            return demands
        known_bits, known_numbers = _bits(demand.sketch)
        alike = likeness(known_bits, bits)
        if alike > best_likeness and known_numbers & numbers in {known_numbers, numbers}:
            best, best_likeness = demand, alike
    if best is None or best_likeness < SIMILAR_SHARE:
        return (*demands, Demand(sentence, at_ms, (utterance_id,)))[-_MAX_DEMANDS:]
    said_again = Demand(
        sentence[:_SKETCH_BYTES] + _as_bytes(numbers | _bits(best.sketch)[1]),
        max(best.at_ms, at_ms),
        (*best.utterance_ids, utterance_id)[-_MAX_UTTERANCES:],
        best.count + 1,
    )
    return (*(demand for demand in demands if demand is not best), said_again)


def _bits(sketch: bytes) -> tuple[int, int]:
    """The two bitmaps of a sketch: of its pairs of characters, and of its numbers."""
    return int.from_bytes(sketch[:_SKETCH_BYTES], "little"), int.from_bytes(sketch[_SKETCH_BYTES:], "little")


def _as_bytes(numbers: int) -> bytes:
    return numbers.to_bytes(_NUMBER_BYTES, "little") if numbers else b""
