"""Replace personal data by typed placeholders before a text is quoted or stored.

The rules of `personal` run in their order, and the earlier one wins where two overlap. Digits are read in every form
people write them: full-width, circled, spoken (幺三八…), with spaces, dashes and brackets, with invisible characters in
between; words are read in either script.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.text.letters import SPOKEN_DIGITS, UNSEEN
from pipeline.text.normalize import Folded
from pipeline.text.personal import CUT_RULES, LONG, PHONE, PUBLIC, RULES, Rule
from pipeline.text.script import to_simplified
from schemas.base import MAX_TEXT_CHARS

# Only a text with one of these can hold anything that a rule finds.
_CANDIDATE = re.compile(
    r"[@＠] {0,2}[0-9A-Za-z-]|\d(?:[\W_的]{0,4}\d){3}"
    r"|[^\x00-\x7f\u3000-\u9fff\uac00-\ud7af＠，！？：；（）～…“”]"
    r"|[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸]"
    r"(?:[\W_的]{0,4}[\d零〇一二三四五六七八九幺两洞拐勾壹贰叁肆伍陆柒捌玖貳參陸]){6}"
    r"|[A-HJ-NP-Za-hj-np-z][ ·•.\-]?[A-Za-z0-9]{5}|微信|薇信|威信"
)
# Full-width signs stand in every second text, and so do mentions in posts. They may connect digits or letters but are
# none; what the rules look for has at least five of those, close together.
_SIGN = re.compile("[@＠，！？：；（）～…“”]")
_FIVE = re.compile(r"[0-9A-Za-z](?:[^0-9A-Za-z\u3400-\u9fff]{0,3}[0-9A-Za-z_-]){4}")
_FOREIGN = re.compile(r"[^\t\n\r\x20-\x7e\u3400-\u9fff]")
_SPOKEN = "".join(SPOKEN_DIGITS)
_BREATH = r"[ \t\-.,，、。·_的/*()（）]{0,4}"
_SPOKEN_RUN = re.compile(rf"[\d{_SPOKEN}](?:{_BREATH}[\d{_SPOKEN}]){{6,}}")
_SPOKEN_TABLE = str.maketrans(SPOKEN_DIGITS)
_SPOKEN_COMMA = re.compile(rf"(?<=[{_SPOKEN}])[,、。]|[,、。](?= ?[{_SPOKEN}])")
# At the ends of a run the next word: 统一12315, 12315，一直占线, 10086和12300三个.
_HEAD = re.compile(rf"[{_SPOKEN}](?=1[3-9]\d{{9}}(?!\d))")
_TAIL = re.compile(rf"(?<=\d)(?:[ ,、。]{{1,2}}[{_SPOKEN}]|([{_SPOKEN}]{{1,2}}))$")
_COUNTED = frozenset("次个天年月块元家位遍回条张件台部种期分通周人笔单十百千万点号直下共般起定样旦些半边手方")

_CUT_CHARS = 120  # of a text that was cut, in which the first half of something may stand


class Redacted(NamedTuple):
    """A masked text, and what was replaced where: `(start, end, placeholder)` in the original, in order."""

    text: str
    spans: tuple[tuple[int, int, str], ...] = ()

    def masked(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the original stands in the masked text; inside a placeholder it grows to all of it."""
        if not self.spans:
            return start, end
        return self._map(start, is_end=False), self._map(end, is_end=True)

    def _map(self, position: int, *, is_end: bool) -> int:
        shift = 0
        for start, end, placeholder in self.spans[: bisect_right(self.spans, (position,)) + 1]:
            if position >= end:
                shift += len(placeholder) - (end - start)
            elif position > start:
                return start + shift + (len(placeholder) if is_end else 0)
        return position + shift


def redact(text: str) -> Redacted:
    """Mask every piece of personal data in the text."""
    if len(text) != MAX_TEXT_CHARS and not _is_candidate(text):
        return Redacted(text)
    taken = _found(text)
    if not taken:
        return Redacted(text)
    return _replaced(text, taken)


def carried(redacted: Redacted, folded: Folded) -> Redacted:
    """What was masked in the original, masked in the folded text: folding takes digits out of 零零零."""
    if not redacted.spans:
        return Redacted(folded.text)
    folded.origin(0, 1)  # works out the spans where only spaces changed
    origins = folded.spans
    if origins is None:
        return _replaced(folded.text, redacted.spans)
    taken: list[tuple[int, int, str]] = []
    for start, end, placeholder in redacted.spans:
        first = bisect_right(origins, start, key=lambda origin: origin[1])
        first = max(first, taken[-1][1] if taken else 0)
        last = bisect_left(origins, end, key=lambda origin: origin[0])
        if first < last:
            taken.append((first, last, placeholder))
    return _replaced(folded.text, taken)


def _replaced(text: str, taken: Sequence[tuple[int, int, str]]) -> Redacted:
    parts: list[str] = []
    done = 0
    for start, end, placeholder in taken:
        parts += text[done:start], placeholder
        done = end
    parts.append(text[done:])
    return Redacted("".join(parts), tuple(taken))


def _is_candidate(text: str) -> bool:
    return _CANDIDATE.search(text) is not None or (
        _SIGN.search(text) is not None and (_FIVE.search(text) is not None or _SPOKEN_RUN.search(text) is not None)
    )


def _found(text: str) -> list[tuple[int, int, str]]:
    """What is to be replaced, in order; between digits that are seen as neighbours may stand what nobody sees."""
    if not UNSEEN.search(text):
        return _taken(_plain(text), is_cut=len(text) == MAX_TEXT_CHARS)
    places: list[int] = []
    done = 0
    for unseen in UNSEEN.finditer(text):
        places += range(done, unseen.start())
        done = unseen.end()
    places += range(done, len(text))
    seen = "".join([text[place] for place in places])
    taken = _taken(_plain(seen), is_cut=len(text) == MAX_TEXT_CHARS)
    places.append(len(text))  # the unseen behind a character goes with it
    return [(places[start], places[end], placeholder) for start, end, placeholder in taken]


def _taken(plain: str, *, is_cut: bool) -> list[tuple[int, int, str]]:
    taken: list[tuple[int, int, str]] = []
    for rule in RULES:
        found = [(start, end, rule.placeholder) for start, end in _finds(rule, plain)]
        taken += found
        if found:  # later rules see what stands beside it
            plain = _replaced(plain, [(start, end, "\0" * (end - start)) for start, end, _ in found]).text
    if is_cut:
        start = max(0, len(plain) - _CUT_CHARS)
        for rule in CUT_RULES:
            if match := rule.pattern.search(plain, start):
                taken.append((*match.span(), rule.placeholder))
                break
    taken.sort()
    return taken


def _finds(rule: Rule, plain: str) -> Iterator[tuple[int, int]]:
    place = 0
    while match := rule.pattern.search(plain, place):
        start, end = match.span("pii" if "pii" in rule.pattern.groupindex else 0)
        place = match.end()
        if rule is LONG:
            yield from _not_public(plain, start, end)
        elif rule.fits is None or rule.fits(plain, start, end):
            yield start, end
        elif rule.placeholder == PHONE:  # the last amount of a list may be the first group of a number
            place = match.start() + 1


def _not_public(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The long numbers in a run of digits, which hotlines, dates and amounts cut in pieces."""
    done = start
    for public in PUBLIC.finditer(plain, start, end):
        if match := LONG.pattern.search(plain, done, public.start()):
            yield match.span()
        done = public.end()
    if match := LONG.pattern.search(plain, done, end):
        yield match.span()


def _plain(text: str) -> str:
    """The text with every digit and Latin letter in ASCII and every word simplified, exactly as long as before."""
    plain = _FOREIGN.sub(lambda match: _narrow(match.group()), text)
    return to_simplified(_SPOKEN_RUN.sub(_digits, plain))


@lru_cache(maxsize=4096)
def _narrow(char: str) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(char) == "Cc":
        return " "
    narrow = unicodedata.normalize("NFKC", char)
    return narrow if len(narrow) == 1 and narrow.isascii() else char


def _digits(run: re.Match[str]) -> str:
    """A run of spoken digits as digits, without the words that only start or end like one."""
    said = run.group()
    head = 1 if _HEAD.match(said) else 0
    tail = _TAIL.search(said)
    rest = len(said)
    if tail and (tail[1] is None or run.string[run.end() : run.end() + 1] in _COUNTED):
        rest = tail.start()
    number = _SPOKEN_COMMA.sub(" ", said[head:rest]).translate(_SPOKEN_TABLE)
    if not number.strip(" \t-.,、。·_的/*()0"):
        return said  # ○○○○ is a line, a blank or a name that somebody hid
    return said[:head] + number + said[rest:]
