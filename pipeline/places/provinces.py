"""The provinces of GB/T 2260: codes, names, and how a sender may write them. The codes are the labels of metrics."""

from functools import lru_cache
from typing import NamedTuple

from pipeline.places.cities import CITIES

UNKNOWN = "unknown"

PROVINCES: dict[str, str] = {
    "110000": "北京",
    "120000": "天津",
    "130000": "河北",
    "140000": "山西",
    "150000": "内蒙古",
    "210000": "辽宁",
    "220000": "吉林",
    "230000": "黑龙江",
    "310000": "上海",
    "320000": "江苏",
    "330000": "浙江",
    "340000": "安徽",
    "350000": "福建",
    "360000": "江西",
    "370000": "山东",
    "410000": "河南",
    "420000": "湖北",
    "430000": "湖南",
    "440000": "广东",
    "450000": "广西",
    "460000": "海南",
    "500000": "重庆",
    "510000": "四川",
    "520000": "贵州",
    "530000": "云南",
    "540000": "西藏",
    "610000": "陕西",
    "620000": "甘肃",
    "630000": "青海",
    "640000": "宁夏",
    "650000": "新疆",
    "710000": "台湾",
    "810000": "香港",
    "820000": "澳门",
}

REGIONS: tuple[str, ...] = (*PROVINCES, UNKNOWN)

_TRADITIONAL: dict[str, str] = {
    "內蒙古": "150000",
    "遼寧": "210000",
    "黑龍江": "230000",
    "江蘇": "320000",
    "山東": "370000",
    "廣東": "440000",
    "廣西": "450000",
    "重慶": "500000",
    "貴州": "520000",
    "雲南": "530000",
    "陝西": "610000",
    "甘肅": "620000",
    "寧夏": "640000",
    "臺灣": "710000",
    "台灣": "710000",
    "澳門": "820000",
}
_BY_NAME = {name: code for code, name in PROVINCES.items()} | _TRADITIONAL

# Longest first, so that 广西壮族自治区 loses all of its tail and not just 自治区.
_TAILS = (
    "特别行政区",
    "特別行政區",
    "维吾尔自治区",
    "維吾爾自治區",
    "壮族自治区",
    "壯族自治區",
    "回族自治区",
    "回族自治區",
    "自治区",
    "自治區",
    "省",
    "市",
)

_CODE_LENGTHS = (2, 4, 6, 9, 12)  # province, city, county, and the two longer forms of the statistics office


def province_of(code: str) -> str:
    """The region that a region or city belongs to."""
    return f"{code[:2]}0000" if code in CITIES else code


class Place(NamedTuple):
    """A province, and the city code where the sender was that precise."""

    region: str
    city: str = ""


@lru_cache(maxsize=4096)
def read_place(value: str | None) -> Place | None:
    """Understand a region as senders write it (`44`, `440000`, `440103`, 广东, 廣東省); None for anything else."""
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return _read_code(value)
    name = value
    for tail in _TAILS:
        if name.endswith(tail):
            name = name.removesuffix(tail)
            break
    region = _BY_NAME.get(name)
    return Place(region) if region else None


def _read_code(digits: str) -> Place | None:
    region = digits[:2] + "0000"
    if region not in PROVINCES or len(digits) not in _CODE_LENGTHS:
        return None
    city = f"{digits[:4]}00"
    return Place(region, city if city in CITIES else "")
