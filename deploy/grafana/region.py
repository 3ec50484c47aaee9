"""The page that the overview leads to: one region, or a few, hour by hour and figure by figure."""

from typing import Any

from figures import HIGH_IS_BAD, Figure, cases, curves, mean_of, newest
from pages import page, variable
from panels import LEVELS, ORANGE, RED, STACKED, YELLOW, Look, Panel, bars, by_name, count, lines, row
from queries import Query, grown
from tables import matrix

from pipeline.places.provinces import PROVINCES
from pipeline.words import REASON_GROUPS

NAME = "region"
REGION_NAMES = PROVINCES | {"unknown": "未知", "other": "其他"}
ALERTS = 'tocsin_alerts_total{region=~"$region"}'
LAST_DAY = 'tocsin_alerts_last_day{region=~"$region"}'
LAST_DAY_HIGH_RISK = 'tocsin_alerts_last_day{region=~"$region",level="high_risk"}'
REASON_NAMES = {str(reason): name for reason, name in REASON_GROUPS.items()}

FIGURES = (
    Figure("complaint_rate_a", "客诉率（人）· Rate A", "投诉客户占客户。Of customers.", "percentunit", HIGH_IS_BAD),
    Figure("complaint_rate_b", "客诉率（次）· Rate B", "投诉占接触。Of contacts.", "percentunit", HIGH_IS_BAD),
    Figure("saved", "挽回率 · Saved", "投诉后平息的占比。Of complaints, those that calmed down.", "percentunit"),
    Figure("warned_ahead", "提前预警率 · Warned ahead", "高危前已预警。Of high-risk conversations.", "percentunit"),
    Figure("csat", "满意度 · CSAT", "4、5 分的占比。Share of answers of 4 and 5.", "percentunit"),
    Figure("first_response", "首次响应 · First response", "到坐席首答。Until an agent answered.", "s"),
)


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 地区 · Region",
        "所选地区；激增与会话见看板。The chosen regions; surges and conversations are on the board.",
        [
            row("预警 · Alerts"),
            count("近一小时 · In the last hour", "所有级别。Of all levels.", grown(ALERTS), "预警 alerts"),
            count(
                "近一天 · In the last day",
                "所有级别，与看板相同。Of all levels, as on the board.",
                f"sum({LAST_DAY})",
                "预警 alerts",
            ),
            count(
                "近一天高危 · High risk in the last day",
                "曝光、监管、法律、安全等信号。Exposure, regulator, legal or safety signs.",
                f"sum({LAST_DAY_HIGH_RISK})",
                "高危 high risk",
                steps=((None, "green"), (1, RED)),
            ),
            lines(
                "每小时，按级别 · An hour, by level",
                "每点为前一小时。Each point is the hour before it.",
                grown(ALERTS, "level"),
                "{{level}}",
                size=(14, 8),
                overrides=by_name(LEVELS),
                custom=STACKED,
                decimals=0,
            ),
            _reasons(),
            row("指标 · Figures"),
            *map(newest, FIGURES),
            curves("比率走势 · Rates", FIGURES[:4], "percentunit"),
            cases("样本数 · Cases", ("complaint_rate_a", "complaint_rate_b", "warned_ahead", "csat")),
            _rates(),
        ],
        variables=(variable("region", "地区 region", "tocsin_alerts_total"),),
        since="now-1d",
    )


def _reasons() -> Panel:
    return matrix(
        "原因 × 级别，近一天 · Reason by level, last day",
        "首要原因。The leading reason.",
        f"{grown(ALERTS, 'reason', 'level', window='1d')} >= 1",
        rows=("reason", "原因 reason"),
        row_names=REASON_NAMES,
        column="level",
        looks=LEVELS,
        sort_by="high_risk",
        size=(10, 8),
        steps=((None, "transparent"), (1, YELLOW), (10, ORANGE), (50, RED)),
    )


def _rates() -> Panel:
    return bars(
        "各地区客诉率（次）· Rate B of each region",
        "近一天；样本少则慎读。Over the last day; few cases, little certainty.",
        Query(mean_of("complaint_rate_b", "region"), "{{region}}"),
        unit="percentunit",
        size=(24, 8),
        decimals=3,
        steps=HIGH_IS_BAD,
        overrides=by_name({code: Look(name) for code, name in REGION_NAMES.items()}),
    )
