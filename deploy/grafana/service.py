"""The page on service quality: which checks find something, how the seven points stand, what reviews make of it.

By check and point, never by agent: what somebody did is for the team lead, in the records.
"""

from typing import Any

from pages import page, variable
from panels import ORANGE, RED, STACKED, YELLOW, Look, Panel, bars, by_name, count, lines, row, stat
from queries import Query, grown, per_minute, share
from tables import matrix

NAME = "service-quality"
FINDINGS = 'tocsin_quality_findings_total{check=~"$check"}'
POINTS = "tocsin_service_points_total"
KEPT = 'tocsin_service_points_total{state="kept"}'
MISSED = 'tocsin_service_points_total{state="missed"}'
JUDGED = 'tocsin_service_points_total{state!="not_judged"}'
REVIEWS = "tocsin_quality_reviews_total"
OVERTURNED = 'tocsin_quality_reviews_total{state="overturned"}'
DECIDED = 'tocsin_quality_reviews_total{state=~"upheld|overturned"}'
HANDOVERS = "tocsin_handovers_total"
HOT_TOPICS = "tocsin_hot_topics_total"

SEVERITIES = {
    "minor": Look("○ 轻微 minor", YELLOW),
    "major": Look("△ 较重 major", ORANGE),
    "critical": Look("■ 严重 critical", RED),
}
URGENCIES = {
    "offer": Look("○ 建议人工 offer", YELLOW),
    "hand_over": Look("△ 转人工 hand over", ORANGE),
    "at_once": Look("■ 立即转 at once", RED),
}
TOPIC_KINDS = {
    "category": Look("类别 category"),
    "product": Look("产品 product"),
    "reason": Look("原因 reason"),
    "tag": Look("标签 tag"),
}
POINT_STATES = {
    "kept": Look("● 做到 kept"),
    "missed": Look("✕ 缺失 missed"),
    "not_judged": Look("— 未判 not judged"),
}
REVIEW_STATES = {
    "open": Look("待复核 open"),
    "appealed": Look("申诉 appealed"),
    "rejudged": Look("复评 rejudged"),
    "upheld": Look("维持 upheld"),
    "overturned": Look("推翻 overturned"),
    "withdrawn": Look("撤回 withdrawn"),
}
POINT_NAMES = {
    "quick": "快 quick",
    "listen": "听 listen",
    "explain": "释 explain",
    "apologise": "歉 apologise",
    "choose": "选 choose",
    "act": "及 act",
    "report": "馈 report",
}
POINT_LOOKS = {point: Look(name) for point, name in POINT_NAMES.items()}


def dashboard() -> dict[str, Any]:
    """The whole page."""
    return page(
        NAME,
        "Tocsin 服务质量 · Service quality",
        "服务规范、七字要诀、复核与人机转接。Findings on service, the seven points, reviews, hand-overs from bots.",
        [*_summary(), *_findings(), *_points(), *_reviews_and_handovers()],
        variables=(variable("check", "检查项 check", "tocsin_quality_findings_total"),),
        since="now-24h",
    )


def _summary() -> list[Panel]:
    return [
        row("服务质量 · Service quality"),
        count(
            "近一小时发现 · Findings in the last hour",
            "所选检查项，撤回的也计入。Of the chosen checks; those withdrawn later are counted too.",
            grown(FINDINGS),
            "发现 findings",
        ),
        stat(
            "平均得分，满分 7 · Mean score out of 7",
            "近一小时结束的会话：七分减去缺失项。Of conversations that ended: seven less what was missed.",
            Query(f"7 * (1 - {share(grown(MISSED), grown(POINTS))})", "得分 score"),
            unit="short",
            size=(6, 5),
            decimals=2,
            steps=((None, RED), (5, ORANGE), (6, "green")),
        ),
        stat(
            "近一天推翻率 · Overturned in the last day",
            "复核推翻占裁定的比例；高则检查项有误。Of what was decided; much of it, and the check is wrong.",
            Query(share(grown(OVERTURNED, window="1d"), grown(DECIDED, window="1d")), "推翻 overturned"),
            unit="percentunit",
            size=(6, 5),
            steps=((None, "green"), (0.2, ORANGE), (0.5, RED)),
        ),
        count(
            "近一小时转人工 · Hand-overs in the last hour",
            "机器人应转人工的会话。Times that a bot should give the customer to a person.",
            grown(HANDOVERS),
            "转接 hand-overs",
        ),
    ]


def _findings() -> list[Panel]:
    return [
        matrix(
            "检查项 × 严重度，近一小时 · Check by severity, last hour",
            "检查项是规则包里的标识；未列出的没有发现。Ids of the rule pack; a check that is not listed found nothing.",
            f"{grown(FINDINGS, 'check', 'severity')} >= 1",
            rows=("check", "检查项 check"),
            row_names={},
            column="severity",
            looks=SEVERITIES,
            sort_by="critical",
            size=(10, 12),
            steps=((None, "transparent"), (1, YELLOW), (10, ORANGE), (50, RED)),
        ),
        lines(
            "按严重度 · By severity",
            "每分钟发现数。Findings a minute.",
            per_minute(FINDINGS, "severity"),
            "{{severity}}",
            size=(14, 6),
            overrides=by_name(SEVERITIES),
            custom=STACKED,
        ),
        lines(
            "按检查项 · By check",
            "每分钟发现数；规则发布后的台阶多半来自规则。Findings a minute; a step at a release is the rules' doing.",
            f"{per_minute(FINDINGS, 'check')} > 0",
            "{{check}}",
            size=(14, 6),
        ),
    ]


def _points() -> list[Panel]:
    return [
        row("七字要诀 · The seven points"),
        bars(
            "做到的比例，近一小时 · Share kept, last hour",
            "只算可判定的会话。Of the conversations in which the point could be judged.",
            Query(share(grown(KEPT, "point"), grown(JUDGED, "point")), "{{point}}"),
            unit="percentunit",
            size=(8, 8),
            overrides=by_name(POINT_LOOKS),
            steps=((None, RED), (0.7, ORANGE), (0.9, "green")),
        ),
        matrix(
            "要点 × 结果，近一小时 · Point by outcome, last hour",
            "未判突增：数据源不再提供所需字段。Many not judged: a source stopped sending what they need.",
            grown(POINTS, "point", "state"),
            rows=("point", "要点 point"),
            row_names=POINT_NAMES,
            column="state",
            looks=POINT_STATES,
            sort_by="missed",
            size=(8, 8),
            steps=((None, "transparent"),),
        ),
        lines(
            "缺失的比例 · Share missed",
            "每点滑动一小时，只算可判定的。Over a sliding hour, of what could be judged.",
            share(grown(MISSED, "point"), grown(JUDGED, "point")),
            "{{point}}",
            unit="percentunit",
            size=(8, 8),
            overrides=by_name(POINT_LOOKS),
        ),
    ]


def _reviews_and_handovers() -> list[Panel]:
    return [
        row("复核与转接 · Reviews and hand-overs"),
        lines(
            "复核进展 · Steps of reviews",
            "每滑动一小时，按到达的状态。Over a sliding hour, by the state they led to.",
            grown(REVIEWS, "state"),
            "{{state}}",
            size=(12, 7),
            decimals=0,
            overrides=by_name(REVIEW_STATES),
        ),
        lines(
            "机器人转人工 · Hand-overs from bots",
            "每分钟，按紧急程度；多则先补机器人的知识。A minute, by urgency; many mean that a bot knows too little.",
            per_minute(HANDOVERS, "urgency"),
            "{{urgency}}",
            size=(12, 7),
            overrides=by_name(URGENCIES),
            custom=STACKED,
        ),
        lines(
            "工单新热点 · Topics that became hot among tickets",
            "一小时内，按种类；`tocsin tail hot` 说出是哪些。Within an hour, by kind; the command names them.",
            grown(HOT_TOPICS, "kind"),
            "{{kind}}",
            size=(12, 7),
            decimals=0,
            overrides=by_name(TOPIC_KINDS),
        ),
    ]
