"""The page on the customers' voice and the figures of the house: scores, complaint rates, service, tickets, agents.

Every figure is what its cases add up to, by the cases, over a day; curves of the cases stand beside it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pages import page, variable
from panels import ORANGE, RED, Panel, lines, row, stat, timeseries
from queries import Query, grown, per_minute, share

NAME = "customer-voice"
DAY = "1d"
Steps = Sequence[tuple[float | None, str]]

PLAIN: Steps = ((None, "green"),)
HIGH_IS_GOOD: Steps = ((None, RED), (0.7, ORANGE), (0.8, "green"))
HIGH_IS_BAD: Steps = ((None, "green"), (0.03, ORANGE), (0.06, RED))


class Figure(NamedTuple):
    """One figure: how it is called, what it says, its unit and what is good."""

    name: str
    title: str
    description: str
    unit: str
    steps: Steps = PLAIN


VOICE = (
    Figure("csat", "满意度 · CSAT", "4、5 分的占比。Share of answers of 4 and 5.", "percentunit", HIGH_IS_GOOD),
    Figure("ces", "费力度 · CES", "1 到 5，高为省力。1 to 5, high is easy.", "short"),
    Figure("review", "评论星级 · Stars of reviews", "1 到 5。1 to 5.", "short"),
    Figure("negative", "负面评论占比 · Negative comments", "答卷与评论的留言。Of comments.", "percentunit"),
    Figure("review_answer", "评论答复时间 · Answer to a review", "从评论到答复。From review to answer.", "s"),
)
COMPLAINTS = (
    Figure("complaint_rate_a", "客诉率（人）· Rate A", "投诉客户占客户。Of customers.", "percentunit", HIGH_IS_BAD),
    Figure("complaint_rate_b", "客诉率（次）· Rate B", "投诉占接触。Of contacts.", "percentunit", HIGH_IS_BAD),
    Figure("dissatisfied_rate_b", "不满率（次）· Dissatisfied", "潜在及以上。From potential on.", "percentunit"),
    Figure("saved", "挽回率 · Saved", "投诉后平息的占比。Of complaints, those that calmed down.", "percentunit"),
    Figure("repeat_contact", "72 小时重复来访 · Repeat contacts", "已知客户。Of known customers.", "percentunit"),
    Figure("warned_ahead", "提前预警率 · Warned ahead", "高危前已预警。Of high-risk conversations.", "percentunit"),
    Figure("lead_time", "平均提前量 · Lead time", "预警到威胁。From first warning to threat.", "s"),
)
SERVICE = (
    Figure("first_response", "首次响应 · First response", "到坐席首答。Until an agent answered.", "s"),
    Figure("resolution", "平均解决时间 · ART", "工作时间。Working time of solved tickets.", "s"),
    Figure("sla_attainment", "时限达成率 · SLA kept", "目标 95 %。Aim 95 %.", "percentunit", HIGH_IS_GOOD),
    Figure("pause_share", "暂停占比 · Paused", "已解决工单的工作时间。Of solved tickets' working time.", "percentunit"),
    Figure("first_action", "首次处置 · First action", "投诉到处置。From complaint to action.", "s"),
    Figure("acknowledge", "确认用时 · Acknowledge", "事件到确认。Until somebody took it.", "s"),
    Figure("occupancy", "占用率 · Occupancy", "75–80 % 为宜。75 to 80 % is good.", "percentunit"),
    Figure("promise_kept", "承诺兑现率 · Promises kept", "按时兑现的占比。Kept in time.", "percentunit", HIGH_IS_GOOD),
    Figure("upsell", "成交率 · Upsell", "成交工单占比。Tickets with a sale.", "percentunit"),
)


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 客户之声与指标 · Customer voice and figures",
        "客户评价、客诉率、服务与工单指标，均附样本数。What customers say, and how the house does; each with its n.",
        [
            row("客户之声 · Customer voice"),
            _nps(),
            *map(_newest, VOICE),
            _curves("评价走势 · Scores", VOICE[:3], "short"),
            _cases("答卷数 · Answers", ("promoters", "csat", "ces", "review")),
            row("热词与集中爆发 · Hot words and outbreaks"),
            *_words(),
            row("投诉与挽回 · Complaints"),
            *map(_newest, COMPLAINTS),
            _curves("比率走势 · Rates", COMPLAINTS[:5], "percentunit"),
            _cases("样本数 · Cases", ("complaint_rate_a", "complaint_rate_b", "warned_ahead")),
            row("服务与工单 · Service and tickets"),
            *map(_newest, SERVICE),
        ],
        variables=(variable("region", "地区 region", "tocsin_figure_cases_total"),),
        since="now-7d",
    )


def mean_of(figure: str) -> str:
    """A figure over the last day: what its cases add up to, by the cases; nothing where there was none."""
    return share(grown(_sum(figure), window=DAY), grown(_cases_of(figure), window=DAY))


def _newest(figure: Figure) -> Panel:
    return stat(
        figure.title,
        f"{figure.description} 近一天。Over the last day.",
        Query(mean_of(figure.name), figure.name),
        unit=figure.unit,
        size=(4, 4),
        decimals=2,
        steps=figure.steps,
    )


def _nps() -> Panel:
    return stat(
        "净推荐值 · NPS",
        "推荐者减贬损者，-1 到 1，近一天。Promoters less detractors, over the last day.",
        Query(f"{mean_of('promoters')} - {mean_of('detractors')}", "nps"),
        unit="short",
        size=(4, 4),
        decimals=2,
    )


def _curves(title: str, figures: Sequence[Figure], unit: str) -> Panel:
    queries = [Query(mean_of(each.name), each.title) for each in figures]
    return timeseries(title, "每点滑动一天。Over a sliding day.", queries, unit=unit, size=(14, 7))


def _cases(title: str, figures: Sequence[str]) -> Panel:
    queries = [Query(grown(_cases_of(each), window=DAY), each) for each in figures]
    text = "样本少则慎读。Few cases, little certainty; over a sliding day."
    return timeseries(title, text, queries, unit="short", size=(10, 7), decimals=0)


def _words() -> list[Panel]:
    """Terms are no labels: the board and `tocsin words top` name them."""
    return [
        lines(
            "计入热词的会话 · Conversations whose words were counted",
            "每分钟；词本身见看板或 `tocsin words top`。A minute; the board or the command names the words.",
            per_minute('tocsin_outputs_total{topic="words.sayings"}', "topic"),
            "会话 conversations",
            size=(14, 6),
        ),
        lines(
            "集中爆发 · Outbreaks",
            "一小时内的告警数，按等级。Alerts within an hour, by level.",
            grown('tocsin_alert_kinds_total{kind="outbreak"}', "level"),
            "{{level}}",
            size=(10, 6),
            decimals=0,
        ),
    ]


def _sum(figure: str) -> str:
    return f'tocsin_figure_sum_total{{figure="{figure}", region=~"$region"}}'


def _cases_of(figure: str) -> str:
    return f'tocsin_figure_cases_total{{figure="{figure}", region=~"$region"}}'
