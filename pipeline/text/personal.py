"""What personal data looks like, in ASCII digits and simplified words: the rules that `redact` goes by, in order.

Hotlines such as 12315 and business numbers such as 400-… are public and stay, and so do dates and amounts.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from pipeline.text.letters import HOTLINES, SPOKEN_DIGITS
from pipeline.text.numbers import is_bank_card, is_identity_card

# What may stand between two digits of one number. The looser signs also part the amounts of a list and the sentences.
_TIGHT = r" \t\-‐-―.·・•_/*|~的"
_GAP = rf"[{_TIGHT}\r\n,、。()]{{0,4}}"
_DIGIT = rf"{_GAP}\d"

_LINK = r"[^0-9A-Za-z\n\u3400-\u9fff]{0,3}[是为]?[: ]{0,2}"  # between the name of a number and the number
_DASH = r"[ \-‐-―]"
_BUSINESS = r"[48]00(?:[ -]?\d){7}(?!\d)"

PHONE = "[手机]"
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}(?!\d)")
# What ends a long number because it is known to be something else. A shorter hotline may as well be a group of a card.
PUBLIC = re.compile(
    rf"{_DATE.pattern}|(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<!\d)(?:{'|'.join(sorted(line for line in HOTLINES if len(line) == 5))})(?!\d)"
    rf"|(?<!\d){_BUSINESS}|(?<![\d.])\d{{1,7}}\.\d\d(?![\d.])"
)
_DIGITS = re.compile(r"\d+")
_LISTED = re.compile("[,。]")
_CARD_CONTEXT = re.compile(r"卡号|银行|储蓄|信用卡|借记卡|账号|账户|帐号|帐户|开户|打款|转账|card|bank", re.IGNORECASE)
_CARD_CONTEXT_CHARS = 24
_UNIT = re.compile(r" ?(?:多|余)?(?:元|块|万|[¥$])")


class Rule(NamedTuple):
    """One kind of personal data, and what stands in its place."""

    placeholder: str
    pattern: re.Pattern[str]  # the group `pii`, where there is one, is what gets replaced
    fits: Callable[[str, int, int], bool] | None = None  # what the pattern cannot say


def _rule(placeholder: str, pattern: str, fits: Callable[[str, int, int], bool] | None = None) -> Rule:
    return Rule(placeholder, re.compile(pattern, re.IGNORECASE), fits)


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
LONG = _rule("[号码]", rf"(?<!\d)\d(?:[{_TIGHT}]{{0,4}}\d){{14,}}[Xx]?(?!\d)|\d{{11,}}[Xx]?")
RULES = (
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
        PHONE,
        rf"(?<!\d)(?:[(](?=\+?\d{{2,4}}[)]))?(?:(?:\+|00)86{_GAP}|86(?!\d){_GAP})?1{_GAP}[3-9](?:{_DIGIT}){{9}}(?!\d)",
        _is_phone,
    ),
    # Taiwan, Hong Kong and Macau: mobiles and lines of eight digits behind their country code, and 09… at home.
    _rule(PHONE, rf"(?<!\d)(?:(?:\+|00)886{_GAP}0?|0)9(?:{_DIGIT}){{8}}(?!\d)", _is_undated),
    _rule(PHONE, rf"(?<!\d)(?:\+|00)85[23]{_GAP}[2-9](?:{_DIGIT}){{7}}(?!\d)"),
    _rule(PHONE, r"(?<!\d)86(?=1[3-9]\d{9}(?!\d))1\d{10}"),
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
    LONG,
)

_SPOKEN = "".join(SPOKEN_DIGITS)
# What may be left of something at the end of a text that was cut there: its first digits are no less private.
CUT_RULES = (
    _rule("[号码]", rf"(?:[{_SPOKEN}]{_GAP}){{3,}}$|\d(?:{_GAP}[\d{_SPOKEN}])*{_GAP}$"),
    _rule("[邮箱]", r"[A-Z0-9._%+-]+[ ]{0,2}@[ ]{0,2}[A-Z0-9.-]*$"),
)
