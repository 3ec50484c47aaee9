"""The overview: one look says where it burns, and how fast an alert comes."""

from typing import Any

import complaints
import delay
from pages import page, variable

NAME = "overview"


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 总览 · Overview",
        "投诉预警与时延。Complaint alerts, and how late they come.",
        [*complaints.panels(), *delay.panels()],
        variables=(
            variable("region", "地区 region", "tocsin_alerts_total"),
            variable("level", "级别 level", "tocsin_alerts_total"),
        ),
        since="now-3h",
    )
