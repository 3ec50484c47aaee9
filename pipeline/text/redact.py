"""Replace personal data by typed placeholders before a text is quoted or stored.

Rules run in a fixed order and the earlier one wins where two overlap. Digits are read in every form people write them:
full-width, circled, spoken (幺三八…), with spaces, dashes and brackets, with invisible characters in between; words are
read in either script. Hotlines such as 12315 and business numbers such as 400-… are public and stay, and so do dates
and amounts.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.text.letters import HOTLINES, SPOKEN_DIGITS, UNSEEN
from pipeline.text.normalize import Folded
from pipeline.text.numbers import is_bank_card, is_identity_card
from pipeline.text.script import to_simplified
from schemas.base import MAX_TEXT_CHARS

# What may stand between two digits of one number. The looser signs also part the amounts of a list and the sentences.
_TIGHT = r" \t\-‐-―.·・•_/*|~的"
_GAP = rf"[{_TIGHT}\r\n,、。()]{{0,4}}"
_DIGIT = rf"{_GAP}\d"

_LINK = r"[^0-9A-Za-z\n\u3400-\u9fff]{0,3}[是为]?[: ]{0,2}"  # between the name of a number and the number
_DASH = r"[ \-‐-―]"
_BUSINESS = r"[48]00(?:[ -]?\d){7}(?!\d)"

_PHONE = "[手机]"
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}(?!\d)")
# What ends a long number because it is known to be something else. A shorter hotline may as well be a group of a card.
_PUBLIC = re.compile(
    rf"{_DATE.pattern}|(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<!\d)(?:{'|'.join(sorted(line for line in HOTLINES if len(line) == 5))})(?!\d)"
    rf"|(?<!\d){_BUSINESS}|(?<![\d.])\d{{1,7}}\.\d\d(?![\d.])"
)
_DIGITS = re.compile(r"\d+")
_LISTED = re.compile("[,。]")
_CARD_CONTEXT = re.compile(r"卡号|银行|储蓄|信用卡|借记卡|账号|账户|帐号|帐户|开户|打款|转账|card|bank", re.IGNORECASE)
_CARD_CONTEXT_CHARS = 24
_UNIT = re.compile(r" ?(?:多|余)?(?:元|块|万|[¥$])")


class _Rule(NamedTuple):
    placeholder: str
    pattern: re.Pattern[str]  # the group `pii`, where there is one, is what gets replaced
    fits: Callable[[str, int, int], bool] | None = None  # what the pattern cannot say


def _rule(placeholder: str, pattern: str, fits: Callable[[str, int, int], bool] | None = None) -> _Rule:
    return _Rule(placeholder, re.compile(pattern, re.IGNORECASE), fits)


def _is_phone(plain: str, start: int, end: int) -> bool:
    """Whether eleven digits in groups are one number and not a list: of amounts, or of something and a date."""
    number = plain[start:end].lstrip("(")
    if number.isdigit():
        return True
    if _DATE.search(number) or _UNIT.match(plain, end):
        return False
    if number[0] in "+0":
        return True
    sizes = [len(group) for group in _DIGITS.findall(number.removeprefix("86"))]
    if max(sizes) <= 2:
        return True
    return "、" not in number and (not _LISTED.search(number) or sizes[0] in (3, 7))


def _is_undated(plain: str, start: int, end: int) -> bool:
    return _DATE.search(plain, start, end) is None


def _is_card(plain: str, start: int, end: int) -> bool:
    near = plain[max(0, start - _CARD_CONTEXT_CHARS) : end + _CARD_CONTEXT_CHARS]
    return _CARD_CONTEXT.search(near) is not None and is_bank_card(plain[start:end]) and _is_undated(plain, start, end)


def _is_identity(plain: str, start: int, end: int) -> bool:
    return is_identity_card(plain[start:end])


# What is left of long numbers may be anything: a card without its context, two phones run together.
_LONG = _rule("[号码]", rf"(?<!\d)\d(?:[{_TIGHT}]{{0,4}}\d){{14,}}[Xx]?(?!\d)|\d{{11,}}[Xx]?")
_RULES = (
    _rule(
        "[单号]",
        r"(?:(?:订单|订单编|运单|快递单|快递|物流单|物流|工单|流水|交易|受理|保单|投诉单|服务单)(?:编?号码?)|(?<!身)单号|订单)"
        r"[^0-9A-Za-z\n\u3400-\u9fff]{0,3}(?:[是为][^0-9A-Za-z\n\u3400-\u9fff]{0,3})?"
        r"(?P<pii>(?!(?:19|20)\d\d-\d{1,2}-\d{1,2}(?![-0-9A-Za-z]))"  # 订单2023-11-20 is of that day
        r"[A-Z]{0,6}[-_]?\d(?:[ -]?[0-9A-Z]){5,39})(?![0-9A-Za-z])",
    ),
    _rule("[银行卡]", rf"(?<!\d)\d(?:{_DIGIT}){{15,18}}(?!\d)", _is_card),
    _rule("[身份证]", rf"(?<![\dA-Za-z])[1-9](?:{_DIGIT}){{16}}{_GAP}[\dX](?!\d)", _is_identity),
    _rule(
        _PHONE,
        rf"(?<!\d)(?:[(](?=\+?\d{{2,4}}[)]))?(?:(?:\+|00)86{_GAP}|86(?!\d){_GAP})?1{_GAP}[3-9](?:{_DIGIT}){{9}}(?!\d)",
        _is_phone,
    ),
    # Taiwan, Hong Kong and Macau: mobiles and lines of eight digits behind their country code, and 09… at home.
    _rule(_PHONE, rf"(?<!\d)(?:(?:\+|00)886{_GAP}0?|0)9(?:{_DIGIT}){{8}}(?!\d)", _is_undated),
    _rule(_PHONE, rf"(?<!\d)(?:\+|00)85[23]{_GAP}[2-9](?:{_DIGIT}){{7}}(?!\d)"),
    _rule(_PHONE, r"(?<!\d)86(?=1[3-9]\d{9}(?!\d))1\d{10}"),
    _rule(
        "[座机]", r"(?<!\d)[(]?0(?:10|2\d|[3-9]\d{2})[)]?[ \-‐-―]{0,2}[1-9]\d{2,3}[ \-‐-―]?\d{4}(?:[-转]\d{1,6})?(?!\d)"
    ),
    _rule("[座机]", r"(?<!\d)[(]0[2-8]\d?[)] ?\d{3,4}[- ]?\d{4}(?!\d)"),
    # Behind its name a line needs no area code; those of Hong Kong may start with 9.
    _rule(
        "[座机]",
        rf"(?:座机|固话|电话)(?:号码?)?{_LINK}"
        rf"(?P<pii>(?!{_BUSINESS})[2-9]\d{{2,3}}{_DASH}{{0,3}}\d{{4}}(?:[-转]\d{{1,6}})?(?!\d| ?[年元块万]))",
    ),
    # Other papers, without check digits of ours: Taiwan and Hong Kong identity cards, and a passport that is named.
    _rule("[证件]", r"(?<![0-9A-Za-z])(?:[A-Z][12]\d{8}|[A-Z]{1,2}\d{6}[(][0-9A][)])(?![0-9A-Za-z])"),
    _rule(
        "[证件]",
        r"(?:护照|通行证|台胞证|passport)(?:号码?)?" + _LINK + r"(?P<pii>[A-Z]{1,2}\d{7,8})(?!\d)",
    ),
    _rule(
        "[车牌]",
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]"
        r"(?: (?=[A-Z][ ·•.\-]?(?:[A-Z]{0,2}\d){3}))?[A-HJ-NP-Z][ ·•.\-]?"
        r"(?=[A-Z]{0,5}\d)[A-HJ-NP-Z0-9]{4}(?:[A-HJ-NP-Z0-9]{1,2}|[挂学警港澳])(?![A-Z0-9])",
    ),
    _rule(
        "[邮箱]",
        r"(?<![A-Z0-9._%+-])[A-Z0-9_][A-Z0-9._%+-]*[ ]{0,2}@[ ]{0,2}[A-Z0-9-]+"
        r"(?:\.[A-Z0-9-]+|[ ]?[.。][ ]?(?:com|cn|net|org|edu|gov|hk|tw|mo|me|cc|io)(?![A-Z0-9]))+",
    ),
    _rule(
        "[QQ]",
        r"(?:qq|扣扣|企鹅)(?:群)?(?:号码?)?" + _LINK + r"(?P<pii>[1-9]\d{4,11})(?!\d)",
    ),
    # Whatever the house of the group; 建群12315 names the hotline.
    _rule("[QQ]", rf"(?:[建加进入]群|群号)码?{_LINK}(?P<pii>[1-9]\d{{5,11}})(?!\d|多?人)"),
    _rule(
        "[微信]",
        r"(?:微信|薇信|威信|wechat|weixin|(?<![a-z])(?:vx|wx|v信))(?:号码?|id|账号)?"
        + _LINK
        + r"(?P<pii>[A-Z][-_A-Z0-9]{5,19}|[1-9]\d{6,11})(?![0-9A-Za-z_-])",
    ),
    # A card told in groups, with commas; elsewhere four digits between commas are amounts.
    _rule("[号码]", rf"(?:卡号|账号|帐号){_LINK}(?P<pii>\d{{4}}(?:[,、] ?\d{{4}}){{3}}(?:[,、] ?\d{{1,3}})?)(?!\d)"),
    _LONG,
)

# Only a text with one of these can hold anything that a rule above finds.
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

# A text of this length was cut there, and perhaps in the middle of a number: its first digits are no less private.
_CUT_CHARS = 120
_CUT_RULES = (
    _rule("[号码]", rf"(?:[{_SPOKEN}]{_GAP}){{3,}}$|\d(?:{_GAP}[\d{_SPOKEN}])*{_GAP}$"),
    _rule("[邮箱]", r"[A-Z0-9._%+-]+[ ]{0,2}@[ ]{0,2}[A-Z0-9.-]*$"),
)


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
    for rule in _RULES:
        found = [(start, end, rule.placeholder) for start, end in _finds(rule, plain)]
        taken += found
        if found:  # later rules see what stands beside it
            plain = _replaced(plain, [(start, end, "\0" * (end - start)) for start, end, _ in found]).text
    if is_cut:
        start = max(0, len(plain) - _CUT_CHARS)
        for rule in _CUT_RULES:
            if match := rule.pattern.search(plain, start):
                taken.append((*match.span(), rule.placeholder))
                break
    taken.sort()
    return taken


def _finds(rule: _Rule, plain: str) -> Iterator[tuple[int, int]]:
    place = 0
    while match := rule.pattern.search(plain, place):
        start, end = match.span("pii" if "pii" in rule.pattern.groupindex else 0)
        place = match.end()
        if rule is _LONG:
            yield from _not_public(plain, start, end)
        elif rule.fits is None or rule.fits(plain, start, end):
            yield start, end
        elif rule.placeholder == _PHONE:  # the last amount of a list may be the first group of a number
            place = match.start() + 1


def _not_public(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The long numbers in a run of digits, which hotlines, dates and amounts cut in pieces."""
    done = start
    for public in _PUBLIC.finditer(plain, start, end):
        if match := _LONG.pattern.search(plain, done, public.start()):
            yield match.span()
        done = public.end()
    if match := _LONG.pattern.search(plain, done, end):
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
