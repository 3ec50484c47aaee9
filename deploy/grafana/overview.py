"""The overview: one look says where it burns, how fast an alert comes, and whether the machinery is well."""

from typing import Any

import complaints
import delay
import intake
import machinery
from pages import page, variable

NAME = "overview"


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 总览 · Overview",
        "投诉预警与管道健康。Complaint alerts and the health of the pipeline.",
        [*complaints.panels(), *delay.panels(), *intake.panels(), *machinery.panels()],
        variables=(
            variable("region", "地区 region", "tocsin_alerts_total"),
            variable("level", "级别 level", "tocsin_alerts_total"),
        ),
        since="now-3h",
    )
