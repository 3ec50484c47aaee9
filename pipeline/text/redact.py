"""Replace personal data by typed placeholders before a text is quoted or stored.

Rules run in a fixed order and the earlier one wins where two overlap. Digits are read in every form people write them:
full-width, circled, spoken (幺三八…), with spaces and dashes, with invisible characters in between. Hotlines such as
12315 and business numbers such as 400-… are public and stay.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.text.letters import SPOKEN_DIGITS
from pipeline.text.numbers import is_bank_card, is_identity_card

_GAP = r"[ \t\r\n\-‐-―.·_/*|~的\u00a0\u200b-\u200f\u2060\ufeff]"  # what may stand between two digits of one number
_DIGIT = rf"{_GAP}{{0,2}}\d"

_LINK = r"[^0-9A-Za-z\n\u3400-\u9fff]{0,3}[是为]?[: ]{0,2}"  # between the name of a number and the number


class _Rule(NamedTuple):
    placeholder: str
    pattern: re.Pattern[str]  # the group `pii`, where there is one, is what gets replaced


def _rule(placeholder: str, pattern: str) -> _Rule:
    return _Rule(placeholder, re.compile(pattern, re.IGNORECASE))


_CARD = _rule("[银行卡]", rf"(?<!\d)\d(?:{_DIGIT}){{15,18}}(?!\d)")
_CARD_CONTEXT = re.compile(r"卡号|银行|储蓄|信用卡|借记卡|账号|账户|帐号|帐户|开户|打款|转账|card|bank", re.IGNORECASE)
_CARD_CONTEXT_CHARS = 24
_IDENTITY = _rule("[身份证]", rf"(?<![\dA-Za-z])[1-9](?:{_DIGIT}){{16}}{_GAP}{{0,2}}[\dX](?!\d)")
_RULES = (
    _rule(
        "[单号]",
        r"(?:(?:订单|订单编|运单|快递单|快递|物流单|物流|工单|流水|交易|受理|保单|投诉单|服务单)(?:编?号码?)|(?<!身)单号|订单)"
        r"[^0-9A-Za-z\n\u3400-\u9fff]{0,3}(?:[是为][^0-9A-Za-z\n\u3400-\u9fff]{0,3})?"
        r"(?P<pii>[A-Z]{0,6}[-_]?\d(?:[ -]?[0-9A-Z]){5,39})(?![0-9A-Za-z])",
    ),
    _CARD,
    _IDENTITY,
    _rule("[手机]", rf"(?<!\d)(?:(?:\+|00)86{_GAP}{{0,2}}|86{_GAP}{{1,2}})?1{_GAP}{{0,2}}[3-9](?:{_DIGIT}){{9}}(?!\d)"),
    # Taiwan, Hong Kong and Macau: mobiles and lines of eight digits behind their country code, and 09… at home.
    _rule("[手机]", rf"(?<!\d)(?:(?:\+|00)886{_GAP}{{0,2}}0?|0)9(?:{_DIGIT}){{8}}(?!\d)"),
    _rule("[手机]", rf"(?<!\d)(?:\+|00)85[23]{_GAP}{{0,2}}[2-9](?:{_DIGIT}){{7}}(?!\d)"),
    _rule("[手机]", r"(?<!\d)86(?=1[3-9]\d{9}(?!\d))1\d{10}"),
    _rule(
        "[座机]", r"(?<!\d)[(]?0(?:10|2\d|[3-9]\d{2})[)]?[ \-‐-―]{0,2}[1-9]\d{2,3}[ \-‐-―]?\d{4}(?:[-转]\d{1,6})?(?!\d)"
    ),
    _rule("[座机]", r"(?<!\d)[(]0[2-8]\d?[)] ?\d{3,4}[- ]?\d{4}(?!\d)"),
    _rule("[座机]", r"(?:座机|固话|电话)(?:号码?)?[^0-9\n\u3400-\u9fff]{0,3}[是为]?(?P<pii>[2-8]\d{6,7})(?!\d)"),
    # Other papers, without check digits of ours: Taiwan and Hong Kong identity cards, and a passport that is named.
    _rule("[证件]", r"(?<![0-9A-Za-z])(?:[A-Z][12]\d{8}|[A-Z]{1,2}\d{6}[(][0-9A][)])(?![0-9A-Za-z])"),
    _rule(
        "[证件]",
        r"(?:护照|護照|通行证|通行證|台胞证|passport)(?:号码?|號碼?)?" + _LINK + r"(?P<pii>[A-Z]{1,2}\d{7,8})(?!\d)",
    ),
    _rule(
        "[车牌]",
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z][ ·•.\-]?"
        r"(?=[A-Z]{0,5}\d)[A-HJ-NP-Z0-9]{4}(?:[A-HJ-NP-Z0-9]{1,2}|[挂学警港澳])(?![A-Z0-9])",
    ),
    _rule("[邮箱]", r"(?<![A-Z0-9._%+-])[A-Z0-9_][A-Z0-9._%+-]*[ ]?@[ ]?[A-Z0-9-]+(?:\.[A-Z0-9-]+)+"),
    _rule(
        "[QQ]",
        r"(?:qq|扣扣|企鹅)(?:群)?(?:号码?)?" + _LINK + r"(?P<pii>[1-9]\d{4,11})(?!\d)",
    ),
    _rule(
        "[微信]",
        r"(?:微信|薇信|威信|wechat|weixin|(?<![a-z])(?:vx|wx|v信))(?:号码?|id|账号)?"
        + _LINK
        + r"(?P<pii>[A-Z][-_A-Z0-9]{5,19}|[1-9]\d{6,11})(?![0-9A-Za-z_-])",
    ),
    # What is left of long numbers may be anything: a card without its context, two phones run together.
    _rule("[号码]", rf"(?<!\d)\d(?:{_GAP}?\d){{14,}}[Xx]?(?!\d)|\d{{11,}}[Xx]?"),
)

# Only a text with one of these can hold anything that a rule above finds.
_CANDIDATE = re.compile(
    r"[@＠] ?[0-9A-Za-z-]|\d(?:[^\w]{0,2}\d){3}|[^\x00-\x7f\u3000-\u9fff\uac00-\ud7af＠，！？：；（）～…“”]"
    r"|[零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸]"
    r"(?:[^\w]{0,2}[\d零〇一二三四五六七八九幺两洞拐勾壹贰叁肆伍陆柒捌玖貳參陸]){6}"
    r"|[A-HJ-NP-Za-hj-np-z][ ·•.\-]?[A-Za-z0-9]{5}|微信|薇信|威信"
)
# Full-width signs stand in every second text, and so do mentions in posts. They may connect digits or letters but are
# none; what the rules look for has at least five of those, close together.
_SIGN = re.compile("[@＠，！？：；（）～…“”]")
_FIVE = re.compile(r"[0-9A-Za-z](?:[^0-9A-Za-z\u3400-\u9fff]{0,3}[0-9A-Za-z_-]){4}")
_FOREIGN = re.compile(r"[^\x00-\x7f\u3400-\u9fff]")
_SPOKEN = "".join(SPOKEN_DIGITS)
_SPOKEN_RUN = re.compile(rf"[\d{_SPOKEN}](?:[ \t\-.,，、·_]{{0,2}}[\d{_SPOKEN}]){{6,}}")
_SPOKEN_TABLE = str.maketrans({**SPOKEN_DIGITS, ",": " ", "，": " ", "、": " "})


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
    if not _is_candidate(text):
        return Redacted(text)
    plain = _plain(text)
    taken: list[tuple[int, int, str]] = []
    for rule in _RULES:
        for start, end in list(_finds(rule, plain)):
            taken.append((start, end, rule.placeholder))
            plain = plain[:start] + "\0" * (end - start) + plain[end:]  # later rules see what stands beside it
    if not taken:
        return Redacted(text)
    taken.sort()
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


def _finds(rule: _Rule, plain: str) -> Iterator[tuple[int, int]]:
    for match in rule.pattern.finditer(plain):
        start, end = match.span("pii" if "pii" in rule.pattern.groupindex else 0)
        if rule is _CARD and not _is_card(plain, start, end):
            continue
        if rule is _IDENTITY and not is_identity_card(plain[start:end]):
            continue
        yield start, end


def _is_card(plain: str, start: int, end: int) -> bool:
    near = plain[max(0, start - _CARD_CONTEXT_CHARS) : end + _CARD_CONTEXT_CHARS]
    return is_bank_card(plain[start:end]) and _CARD_CONTEXT.search(near) is not None


def _plain(text: str) -> str:
    """The text with every way to write a digit or a Latin letter brought to ASCII, exactly as long as before."""
    plain = _FOREIGN.sub(_narrow, text)
    return _SPOKEN_RUN.sub(lambda run: run.group().translate(_SPOKEN_TABLE), plain)


def _narrow(match: re.Match[str]) -> str:
    char = match.group()
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    narrow = unicodedata.normalize("NFKC", char)
    return narrow if len(narrow) == 1 and narrow.isascii() else char
