"""What a card says of an outbreak: the matter, and how far it has come."""

from pipeline import words
from pipeline.places.provinces import PROVINCES, UNKNOWN
from schemas.alerts import Alert
from schemas.vocabulary import AlertKind, ChannelClass

_NAMES = {**PROVINCES, UNKNOWN: "未知地区"}


def matter(alert: Alert) -> str:
    """The words that customers share, or the product; empty where it is no outbreak."""
    if alert.kind is not AlertKind.OUTBREAK:
        return ""
    return "、".join(alert.keywords) or alert.product or alert.batch


def spread(alert: Alert) -> str:
    """How many customers, in which regions, over which channels; empty where it is no outbreak."""
    if alert.kind is not AlertKind.OUTBREAK:
        return ""
    told = [tag.split(":", 1) for tag in alert.tags if ":" in tag]
    customers = next((value for name, value in told if name == "customers"), "")
    regions = [_NAMES.get(value, value) for name, value in told if name == "region"]
    channels = [words.CHANNELS[ChannelClass(value)] for name, value in told if name == "channel"]
    return " · ".join(part for part in (f"{customers} 位客户", "、".join(regions), "、".join(channels)) if part)
