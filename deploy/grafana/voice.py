"""The page on the customers' voice and the figures of the house: scores, complaint rates, service, agents."""

from typing import Any

from figures import HIGH_IS_BAD, HIGH_IS_GOOD, Figure, cases, curves, mean_of, newest
from pages import page, variable
from panels import Panel, lines, row, stat
from queries import Query, grown, per_minute

NAME = "customer-voice"
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
    Figure("acknowledge", "确认用时 · Acknowledge", "事件到确认。Until somebody took it.", "s"),
    Figure("occupancy", "占用率 · Occupancy", "75–80 % 为宜。75 to 80 % is good.", "percentunit"),
    Figure("upsell", "成交率 · Upsell", "成交工单占比。Tickets with a sale.", "percentunit"),
)


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 客户之声与指标 · Customer voice and figures",
        "客户评价、客诉率与服务指标，均附样本数。What customers say, and how the house does; each with its n.",
        [
            row("客户之声 · Customer voice"),
            _nps(),
            *map(newest, VOICE),
            curves("评价走势 · Scores", VOICE[:3], "short"),
            cases("答卷数 · Answers", ("promoters", "csat", "ces", "review")),
            row("热词与集中爆发 · Hot words and outbreaks"),
            *_words(),
            row("投诉与挽回 · Complaints"),
            *map(newest, COMPLAINTS),
            curves("比率走势 · Rates", COMPLAINTS[:5], "percentunit"),
            cases("样本数 · Cases", ("complaint_rate_a", "complaint_rate_b", "warned_ahead")),
            row("服务 · Service"),
            *map(newest, SERVICE),
        ],
        variables=(variable("region", "地区 region", "tocsin_figure_cases_total"),),
        since="now-7d",
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
