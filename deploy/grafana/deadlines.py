"""The page on deadlines: which are near or missed, how long tickets take, what was promised and kept."""

from typing import Any

from figures import HIGH_IS_GOOD, Figure, cases, curves, newest
from pages import page, variable
from panels import LEVELS, ORANGE, RED, STACKED, by_name, count, lines, row
from queries import grown, per_minute

NAME = "deadlines"
WARNINGS = 'tocsin_alert_kinds_total{kind="sla_warning"}'
BREACHES = 'tocsin_alert_kinds_total{kind="sla_breach"}'
DEADLINES = 'tocsin_alert_kinds_total{kind=~"sla_.*|promise.*|review_unanswered|command_unanswered"}'
PROMISES = "tocsin_promises_total"
BROKEN = 'tocsin_promises_total{state="broken"}'

TICKETS = (
    Figure("sla_attainment", "时限达成率 · SLA kept", "目标 95 %。Aim 95 %.", "percentunit", HIGH_IS_GOOD),
    Figure("resolution", "平均解决时间 · ART", "工作时间。Working time of solved tickets.", "s"),
    Figure("first_action", "首次处置 · First action", "投诉到处置。From complaint to action.", "s"),
    Figure("pause_share", "暂停占比 · Paused", "已解决工单的工作时间。Of solved tickets' working time.", "percentunit"),
    Figure("promise_kept", "承诺兑现率 · Promises kept", "按时兑现的占比。Kept in time.", "percentunit", HIGH_IS_GOOD),
)


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 时限与承诺 · Deadlines and promises",
        "工单时限、承诺与解决时间；工单本身见看板。Deadlines and promises; the board names the tickets.",
        [
            row("时限 · Deadlines"),
            count("近一小时预警 · Warnings in the last hour", "快到时限。A deadline is near.", grown(WARNINGS), "预警"),
            count(
                "近一小时超时 · Breaches in the last hour",
                "已过时限。A deadline was missed.",
                grown(BREACHES),
                "超时 breaches",
                steps=((None, "green"), (1, ORANGE), (10, RED)),
            ),
            count(
                "近一天违约承诺 · Promises broken in the last day",
                "到时未兑现。Not kept when they were due.",
                grown(BROKEN, window="1d"),
                "违约 broken",
            ),
            lines(
                "预警与超时 · Warnings and breaches",
                "每分钟，含承诺、评论与指令。A minute; promises, reviews and commands too.",
                per_minute(DEADLINES, "kind"),
                "{{kind}}",
                size=(14, 7),
            ),
            lines(
                "超时按级别 · Breaches by level",
                "每小时。An hour.",
                grown(BREACHES, "level"),
                "{{level}}",
                size=(10, 7),
                overrides=by_name(LEVELS),
                custom=STACKED,
                decimals=0,
            ),
            row("工单 · Tickets"),
            *map(newest, TICKETS),
            curves("达成与兑现 · Kept", (TICKETS[0], TICKETS[4]), "percentunit"),
            cases("样本数 · Cases", ("sla_attainment", "resolution", "promise_kept")),
            row("承诺 · Promises"),
            lines(
                "按状态 · By state",
                "每小时。An hour.",
                grown(PROMISES, "state"),
                "{{state}}",
                size=(12, 7),
                decimals=0,
            ),
            lines(
                "违约按种类 · Broken, by kind",
                "每小时。An hour.",
                grown(BROKEN, "kind"),
                "{{kind}}",
                size=(12, 7),
                decimals=0,
            ),
        ],
        variables=(variable("region", "地区（工单行）region (row of tickets)", "tocsin_figure_cases_total"),),
        since="now-1d",
    )
