"""Names of what the board shows, Chinese and English, for every value of the closed vocabularies."""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from pipeline import words
from pipeline.places.provinces import PROVINCES, UNKNOWN
from pipeline.rules.load import load_pack
from pipeline.rules.sections import NATURES
from schemas.feedback import Touchpoint
from schemas.kpis import Kpi
from schemas.vocabulary import AlertKind

Names = dict[str, tuple[str, str]]

_ENGLISH_REGIONS = (
    "Beijing",
    "Tianjin",
    "Hebei",
    "Shanxi",
    "Inner Mongolia",
    "Liaoning",
    "Jilin",
    "Heilongjiang",
    "Shanghai",
    "Jiangsu",
    "Zhejiang",
    "Anhui",
    "Fujian",
    "Jiangxi",
    "Shandong",
    "Henan",
    "Hubei",
    "Hunan",
    "Guangdong",
    "Guangxi",
    "Hainan",
    "Chongqing",
    "Sichuan",
    "Guizhou",
    "Yunnan",
    "Xizang",
    "Shaanxi",
    "Gansu",
    "Qinghai",
    "Ningxia",
    "Xinjiang",
    "Taiwan",
    "Hong Kong",
    "Macao",
)


# What its own name does not say.
_ENGLISH_KINDS = {
    AlertKind.SLA_WARNING: "SLA warning",
    AlertKind.SLA_BREACH: "SLA breach",
    AlertKind.PROMISE: "Promise broken",
    AlertKind.REVIEW_UNANSWERED: "Review not answered",
    AlertKind.COMMAND_UNANSWERED: "Command not carried out",
    AlertKind.AGENT_COMPLAINTS: "Complaints about one agent",
}
_ENGLISH_FIGURES = {
    Kpi.NPS: "NPS",
    Kpi.CSAT: "CSAT",
    Kpi.CES: "CES (high is easy)",
    Kpi.REVIEW: "Stars of reviews",
    Kpi.SENTIMENT: "Sentiment of comments",
    Kpi.REVIEW_ANSWER: "Answer to a review",
    Kpi.COMPLAINT_RATE_A: "Complaint rate A (customers)",
    Kpi.DISSATISFIED_RATE_A: "Dissatisfied (customers)",
    Kpi.COMPLAINT_RATE_B: "Complaint rate B (contacts)",
    Kpi.DISSATISFIED_RATE_B: "Dissatisfied (contacts)",
    Kpi.REPEAT_CONTACT: "Repeat contacts in 72 h",
    Kpi.RESOLUTION: "Resolution time",
    Kpi.SLA_ATTAINMENT: "SLA attainment",
    Kpi.ACKNOWLEDGE: "Time to acknowledge",
}
_ENGLISH_NATURES = (
    "After-sales service",
    "Quality",
    "Contract",
    "False advertising",
    "Price",
    "Safety",
    "Counterfeit",
    "Dignity",
    "Measure",
    "Other",
)
_TOUCHPOINTS = {
    Touchpoint.SMS: ("短信", "SMS"),
    Touchpoint.WECHAT: ("微信", "WeChat"),
    Touchpoint.ALIPAY: ("支付宝", "Alipay"),
    Touchpoint.H5: ("H5 页面", "H5 page"),
    Touchpoint.APP: ("应用", "App"),
    Touchpoint.QR: ("扫码", "QR code"),
    Touchpoint.WEB: ("网页", "Web"),
    Touchpoint.OTHER: ("其他", "Other"),
}


def names() -> dict[str, Names]:
    """By vocabulary, then by value: Chinese and English."""
    regions = {code: (zh, en) for (code, zh), en in zip(PROVINCES.items(), _ENGLISH_REGIONS, strict=True)}
    return {
        "region": {**regions, UNKNOWN: ("未知", "Unknown")},
        "level": _pairs(words.LEVELS.items()),
        "reason": _pairs(words.REASON_GROUPS.items()),
        "threat": _pairs(words.THREATS.items()),
        "channel": _pairs(words.CHANNELS.items()),
        "kind": {kind: (zh, _ENGLISH_KINDS.get(kind, _plain(kind))) for kind, zh in words.ALERT_KINDS.items()},
        "clock": _pairs(words.GOALS.items()),
        "parking": {sign: (zh, _plain(sign)) for sign, zh in words.PARKING.items()},
        "figure": {kpi: (zh, _ENGLISH_FIGURES.get(kpi, _plain(kpi))) for kpi, zh in words.FIGURES.items()},
        "topic": _topics(),
        "nature": {nature: (nature, english) for nature, english in zip(NATURES, _ENGLISH_NATURES, strict=True)},
        "touchpoint": {touchpoint: _TOUCHPOINTS[touchpoint] for touchpoint in Touchpoint},
    }


@cache
def _topics() -> Names:
    """The second level of reasons, as the shipped rules call them; those of another pack go by their ids."""
    return {leaf.id: (leaf.zh, _plain(leaf.id)) for leaf in load_pack().reasons}


def _pairs(chinese: Iterable[tuple[StrEnum, str]]) -> Names:
    """A value's own name reads as English."""
    return {value: (zh, _plain(value)) for value, zh in chinese}


def _plain(value: str) -> str:
    return value.replace("_", " ").capitalize()
