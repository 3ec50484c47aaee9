"""Names of what the board shows, Chinese and English, for every value of the closed vocabularies."""

from collections.abc import Iterable
from enum import StrEnum

from pipeline import words
from pipeline.places.provinces import PROVINCES, UNKNOWN

Names = dict[str, tuple[str, str]]

_ENGLISH_REGIONS = (
    "Beijing",
    "Tianjin",
    "Hebei",
    "Shanxi",
    "Neimenggu",
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
    "Hongkong",
    "Macao",
)


def names() -> dict[str, Names]:
    """By vocabulary, then by value: Chinese and English."""
    regions = {code: (zh, en) for (code, zh), en in zip(PROVINCES.items(), _ENGLISH_REGIONS, strict=True)}
    return {
        "region": {**regions, UNKNOWN: ("未知", "Unknown")},
        "level": _pairs(words.LEVELS.items()),
        "reason": _pairs(words.REASON_GROUPS.items()),
        "threat": _pairs(words.THREATS.items()),
        "channel": _pairs(words.CHANNELS.items()),
        "kind": _pairs(words.ALERT_KINDS.items()),
        "clock": _pairs(words.GOALS.items()),
    }


def _pairs(chinese: Iterable[tuple[StrEnum, str]]) -> Names:
    """A value's own name reads as English."""
    return {value: (zh, value.replace("_", " ").capitalize()) for value, zh in chinese}
