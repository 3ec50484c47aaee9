"""Until when, out of folded Chinese words: spans (三个工作日内), days and hours (明天上午10点前), vague words."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.promises.numerals import NUMBER, ONE, number_of
from schemas.promises import Until, When

HOUR = 60
DAY = 24 * HOUR
MAX_SPAN_DAYS = 90  # whoever speaks of more gives no promise but a term: warranty, contract

_SPAN = re.compile(
    rf"(?=[半\d零一两俩二三四五六七八九十百])(?<![第每\d.])(?:(?P<half_first>半)个?|(?P<number>{NUMBER})个?(?P<half>半)?个?)(?P<unit>工作日|工作天|工作小时|"
    r"自然日|小时|h(?![a-z])|钟头|分钟|刻钟|天|日|周|星期|礼拜|月)"
    r"(?!无理由|包换|包退|保|[客热在服自人营值全]|不|的(?!时间|工作时间))(?:的?工作时间)?(?P<tail>之内|以内|内|左右|之后|以后|后|之前|以前|前)?"
)
_PARTS = {
    "凌晨": 6 * HOUR, "清晨": 9 * HOUR, "早上": 10 * HOUR, "早晨": 10 * HOUR, "上午": 12 * HOUR, "中午": 14 * HOUR,
    "下午": 18 * HOUR, "傍晚": 20 * HOUR, "晚上": DAY, "晚间": DAY, "夜里": DAY,
}  # fmt: skip
_PM = frozenset({"下午", "傍晚", "晚上", "晚间", "夜里"})
_DAYS = {
    "今天": 0, "今日": 0, "今儿": 0, "当天": 0, "当日": 0, "今晚": 0, "今早": 0,
    "明天": 1, "明日": 1, "明儿": 1, "明早": 1, "明晚": 1, "次日": 1, "隔天": 1, "翌日": 1, "第二天": 1, "今明两天": 1,
    "后天": 2, "后日": 2, "明后天": 2, "明后两天": 2, "这两天": 2, "近两天": 2, "这几天": 3, "近几天": 3, "大后天": 3,
}  # fmt: skip
_DAY_PARTS = {"今晚": "晚上", "明晚": "晚上", "今早": "早上", "明早": "早上"}
_WEEKDAYS = {char: number for number, char in enumerate("一二三四五六日", 1)} | {"天": 7, "末": 7}
_THIRDS = {"初": 10, "上旬": 10, "中旬": 20}  # of a month, with their last days
_WEEKS = {"": None, "这": 0, "这个": 0, "本": 0, "下": 7, "下个": 7, "下下": 14, "下下个": 14}
# The eves of feasts that have a date of their own; those of the moon need an almanac.
_EVES = {"元旦": 1231, "五一": 430, "劳动节": 430, "国庆": 930}


def _any_of(words: Iterator[str] | dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DAY = re.compile(
    r"(?=[今当明次隔翌第后这近大下周星礼本月凌清早上中傍晚夜收打营年元劳国\d零一两俩二三四五六七八九十])"
    rf"(?:(?P<day>{_any_of(_DAYS)})|(?P<week>下下个|下下|下个|这个|下|这|本)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])|"
    r"(?P<in_week>下下个|下下|下个|这个|下|这|本)(?:周|星期|礼拜)(?:之?内)?|"
    rf"(?:(?P<month>{ONE})月|(?P<next_month>下个?月的?))?(?P<date>{ONE})(?:号|日)(?!线|楼|店|机|房)|"
    r"(?P<third_in>下个?|这个|本)月(?P<third>初|上旬|中旬)|"
    r"(?P<month_end>(?:下个?|这个|本)?月(?:底|末)|(?:下个?|这个|本)月(?:下旬|(?=之?内))|"
    r"下个?月(?![的份账扣续起会生套月]|[之以]?前|自动|开始))|"
    r"(?P<year_end>(?<![去明后前每])(?<![去明后前每]年)(?:(?:今年)?年[底末](?!的)|今年底(?!的)|今年(?=之?内))|"
    r"(?<![\d零一两俩二三四五六七八九十百几半多每今明去])年(?=之?内))|"
    rf"(?P<eve>{_any_of(_EVES)})节?(?=[之以]?前))?"
    rf"(?:的|之内|内|之)?(?P<part>{_any_of(_PARTS)})?(?P<closing>下班|收工|打烊|营业结束)?"
    rf"(?:(?P<hour>{ONE})(?:点钟?|时(?!间|候|段))(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minutes>{ONE})分?)?整?|"
    r"(?P<hour24>\d{1,2}):(?P<minute24>\d{2}))?"
)
# `_DAY` alone would be tried at every place.
_ANY = re.compile("[天日号周期拜月点时:晚早午晨间里班烊工束傍钟分刻h年旦节庆]|五一")
_VAGUE = re.compile(
    r"尽快|尽早|尽速|第一时间|稍后|稍晚|晚点儿?|晚些|回头|随后|近期|过一?会儿?|一会儿?|待会儿?|等下|到时候?|届时|"
    r"(?:核实|查询|查证|查清|查明|查到|查|确认|了解|请示|沟通|联系|商量|汇报|有)(?:清楚|完|好|到|一下|结果|消息|进展|了)*"
    r"(?:之后|以后|后|再|(?<=结果)|(?<=消息)|(?<=进展))"
)
_AT_ONCE = re.compile(r"马上|立刻|立即|这就|现在就")


class Said(NamedTuple):
    """Until when, and where the words stand."""

    start: int
    end: int
    when: When


def whens(text: str) -> list[Said]:
    """Every exact expression of a clause, in order."""
    said: list[Said] = []
    if _ANY.search(text) is None:
        return said
    for each in sorted([*_spans(text), *_days(text)], key=lambda each: (each.start, -each.end)):
        if not said or each.start >= said[-1].end:  # of 这两天 and 两天 the first
            said.append(each)
    return said


def is_vague(text: str) -> bool:
    """Whether a clause promises a time without naming it."""
    return _VAGUE.search(text) is not None


def is_at_once(text: str) -> bool:
    """Whether a clause promises something for this moment."""
    return _AT_ONCE.search(text) is not None


def _spans(text: str) -> Iterator[Said]:
    for found in _SPAN.finditer(text):
        unit, tail = found["unit"], found["tail"] or ""
        if tail.endswith("前") or (unit == "日" and not tail.endswith("内")):
            continue
        if unit in {"月", "日"} and not (tail or found["half_first"]):
            continue
        number = 0.5 if found["half_first"] else number_of(found["number"]) + (0.5 if found["half"] else 0)
        when = _span(number, unit)
        if when is not None:
            yield Said(found.start(), found.end(), when)


def _span(number: float, unit: str) -> When | None:
    minutes = {"小时": HOUR, "h": HOUR, "钟头": HOUR, "分钟": 1, "刻钟": 15, "工作小时": HOUR}.get(unit)
    if minutes is not None:
        measure = Until.WORKING_MINUTES if unit == "工作小时" else Until.MINUTES
        return _counted(measure, number * minutes, MAX_SPAN_DAYS * DAY)
    if unit in {"工作日", "工作天"}:
        return _counted(Until.WORKING_DAYS, number, MAX_SPAN_DAYS)
    days = {"天": 1, "日": 1, "自然日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}[unit]
    if days == 1 and number == 0.5:  # 半天
        return _counted(Until.MINUTES, 12 * HOUR, DAY)
    return _counted(Until.DAYS, number * days, MAX_SPAN_DAYS)


def _counted(measure: Until, number: float, most: int) -> When | None:
    count = -int(-number // 1)  # half a working day is over by the end of one
    return When(measure=measure, count=count) if 0 < count <= most else None


def _days(text: str) -> Iterator[Said]:
    for found in _DAY.finditer(text):
        if found.end() == found.start():
            continue
        when = _day(found)
        if when is not None:
            yield Said(found.start(), found.end(), when)


def _day(found: re.Match[str]) -> When | None:
    base = _date(found)
    if base is None:
        return None
    part = _DAY_PARTS.get(found["day"] or "") or found["part"]
    if found["closing"]:
        return When(measure=base.measure, count=base.count, is_closing=True)
    minute = _clock(found, part)
    if minute is None:
        return base if part is None else When(measure=base.measure, count=base.count, minute=_PARTS[part])
    if minute > DAY:
        return None
    is_open = part is None and not found["hour24"] and HOUR <= minute < 7 * HOUR
    return When(measure=base.measure, count=base.count, minute=minute, is_half_day_open=is_open)


def _date(found: re.Match[str]) -> When | None:
    """The day alone; today where only an hour was named; None for what is no day."""
    if found["day"]:
        return When(measure=Until.DAY, count=_DAYS[found["day"]])
    if found["weekday"]:
        weeks = _WEEKS[found["week"] or ""]
        number = _WEEKDAYS[found["weekday"]]
        if weeks is None:
            return When(measure=Until.NEXT_WEEKDAY, count=number)
        return When(measure=Until.WEEKDAY, count=number + weeks)
    if found["in_week"]:
        return When(measure=Until.WEEKDAY, count=7 + (_WEEKS[found["in_week"]] or 0))
    if found["date"]:
        return _monthday(found)
    if found["month_end"]:
        return When(measure=Until.MONTH_END, count=int(found["month_end"].startswith("下")))
    if found["third"]:
        months = int(found["third_in"].startswith("下"))
        return When(measure=Until.MONTHDAY, count=100 * months + _THIRDS[found["third"]])
    if found["year_end"] or found["eve"]:
        return When(measure=Until.DATE, count=_EVES.get(found["eve"], 1231))
    if found["part"] or found["hour"] or found["hour24"] or found["closing"]:
        return When(measure=Until.DAY, count=0)
    return None


def _monthday(found: re.Match[str]) -> When | None:
    day = number_of(found["date"])
    if not 1 <= day <= 31 or day % 1:
        return None
    if found["month"]:
        month = number_of(found["month"])
        return When(measure=Until.DATE, count=int(month) * 100 + int(day)) if 1 <= month <= 12 else None
    return When(measure=Until.MONTHDAY, count=int(day) + (100 if found["next_month"] else 0))


def _clock(found: re.Match[str], part: str | None) -> int | None:
    """The minute of the day that a clock shows."""
    if found["hour24"]:
        return int(found["hour24"]) * HOUR + int(found["minute24"])
    if not found["hour"]:
        return None
    hour = int(number_of(found["hour"]))
    minutes = 30 if found["half"] else 15 * int(number_of(found["quarter"])) if found["quarter"] else 0
    if found["minutes"]:
        minutes = int(number_of(found["minutes"]))
    if (part in _PM and hour <= 12) or (part == "中午" and hour < 6):
        hour = hour + 12 if hour < 12 else 24 if part != "下午" else 12
    return hour * HOUR + minutes
