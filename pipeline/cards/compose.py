"""An alert and what is known about its incident become a card. Chinese first; only masked text is taken."""

import msgspec

from pipeline import words
from pipeline.cards.history import history
from pipeline.cards.outbreak import matter, spread
from pipeline.cards.promised import commitment, next_step
from pipeline.conversation.advice import URGENCY, Advice, AdviceBook
from pipeline.kpis.told import FIGURE_TAG
from pipeline.places.cities import CITIES
from pipeline.places.provinces import PROVINCES
from pipeline.rules.service import Bilingual
from pipeline.times import MINUTE_MS, in_china
from schemas.actions import Verdict
from schemas.alerts import Alert
from schemas.cards import MAX_SAMPLES, Button, Card, Fact
from schemas.evidence import Evidence
from schemas.incidents import ReasonCode
from schemas.vocabulary import AlertKind, Level, ThreatGroup

_MARKS = {Level.NONE: "·", Level.POTENTIAL: "○", Level.EXPLICIT: "△", Level.HIGH_RISK: "■"}  # shape beside colour
_STATES = {ReasonCode.RESOLVED: "【已解决】", ReasonCode.ACKED: "【已确认】", ReasonCode.SILENCED: "【已静默】"}
_SAMPLE_CHARS = 80
_RULES_SHOWN = 4


class Standing(msgspec.Struct, frozen=True):
    """What an incident adds to its alert."""

    count: int = 1  # alerts in it
    quotes: tuple[str, ...] = ()  # of several alerts; without any those of the alert itself
    told_because: ReasonCode = ReasonCode.FIRST
    step: int = 0  # of the escalation chain
    lasted_ms: int = 0  # since the incident was opened
    acked_by: str = ""
    verdict: Verdict | None = None
    judged_by: str = ""
    quiet: str = ""  # until when it is silenced, and by whom
    board_url: str = ""  # of the warning board, where there is one
    runbook_url: str = ""
    stands_for: str = ""  # of a drill: who would have been told in earnest


def compose(alert: Alert, standing: Standing, *, advice: AdviceBook) -> Card:
    """The card of an incident, told by the alert that says most about it."""
    level = alert.level or Level.NONE
    is_over = standing.told_because is ReasonCode.RESOLVED
    # Where it is about a region, an agent or a review, nobody is on the line who could be calmed.
    is_of_customer = bool(alert.conversation_id or alert.ticket_id)
    helps = Advice() if is_over or not is_of_customer else advice.advise(level, alert.threats, alert.customer_type)
    step = Bilingual() if is_over else next_step(alert)
    return Card(
        title=_title(alert, standing),
        level=level,
        facts=tuple(Fact(name=name, value=value) for name, value in _facts(alert, standing, helps) if value),
        samples=standing.quotes or tuple(quote(each) for each in alert.evidence[:MAX_SAMPLES] if each.text_masked),
        why=_why(alert),
        advice=_joined(step.zh, helps.card.say.zh, helps.handling.zh, helps.card.next_step.zh),
        english=_joined(_english(alert, standing), step.en, helps.card.say.en),
        buttons=tuple(
            Button(label=label, url=url)
            for label, url in (
                ("看板", alert.links.board or board_link(standing.board_url, alert)),
                ("会话", alert.links.conversation),
                ("处置手册", alert.links.runbook or standing.runbook_url),
            )
            if url
        ),
        is_acked=standing.told_because is ReasonCode.ACKED,
        is_over=is_over,
    )


def quote(evidence: Evidence) -> str:
    """A masked quote with the words that decided in 【】, cut around them."""
    text, start, end = evidence.text_masked, evidence.mark_start, evidence.mark_end
    if end > start:
        text, start = f"{text[:start]}【{text[start:end]}】{text[end:]}", start + 1
    first = max(0, min(start - _SAMPLE_CHARS // 3, len(text) - _SAMPLE_CHARS))
    cut = text[first : first + _SAMPLE_CHARS]
    return f"{'…' if first else ''}{cut}{'…' if first + _SAMPLE_CHARS < len(text) else ''}"


def board_link(board_url: str, alert: Alert) -> str:
    """The board with the filters of an alert in its address; "" where there is no board."""
    if not board_url:
        return ""
    filters = [f"region={alert.region}", f"level={(alert.level or Level.NONE).value}"]
    filters += [f"reason={alert.reasons[0].l1.value}"] if alert.reasons else []
    return f"{board_url}?{'&'.join(filters)}"


def region_name(code: str) -> str:
    """The province of a region code; unknown is said, not hidden."""
    return PROVINCES.get(f"{code[:2]}0000", "未知地区")


def place_name(alert: Alert) -> str:
    """Where it is: the province, and of what one city alone has, that city."""
    city = CITIES.get(alert.city, "") if alert.kind is AlertKind.SURGE else ""
    return f"{region_name(alert.region)}{city}"


def subject(alert: Alert) -> str:
    """What it is about in a few characters: the gravest threat, else the reason, else the kind of alert."""
    if alert.kind not in {AlertKind.LEVEL_RISE, AlertKind.RATE, AlertKind.SURGE}:
        return words.ALERT_KINDS[alert.kind]
    if alert.threats:
        return words.THREATS[_gravest(alert)]
    if alert.reasons:
        return words.REASON_GROUPS[alert.reasons[0].l1]
    return words.ALERT_KINDS[alert.kind]


def _gravest(alert: Alert) -> ThreatGroup:
    """The threat that the advice is about: they stand in the order of the text, not of their weight."""
    return min(alert.threats, key=URGENCY.index)


def _title(alert: Alert, standing: Standing) -> str:
    level = alert.level or Level.NONE
    drill = "【演练】" if alert.test else ""
    over = _STATES.get(standing.told_because, "")
    if standing.told_because is ReasonCode.JUDGED and standing.verdict is not None:
        over = f"【{words.VERDICTS[standing.verdict]}】"
    where = f"{_MARKS[level]} {words.LEVELS[level]}｜{place_name(alert)}"
    return f"{drill}{over}{where}｜{subject(alert)}｜{_how_much(alert, standing)}"


def _how_much(alert: Alert, standing: Standing) -> str:
    """Of a figure what it is; of anything else how many cases."""
    if alert.value is not None:
        return f"{figure_name(alert)} {alert.value:g}".strip()
    return f"{max(standing.count, alert.count or 0)} 件"


def figure_name(alert: Alert) -> str:
    """Which figure an alert is about; "" where it is about none."""
    named = next((tag.removeprefix(FIGURE_TAG) for tag in alert.tags if tag.startswith(FIGURE_TAG)), "")
    return next((zh for kpi, zh in words.FIGURES.items() if kpi == named), "")


def _facts(alert: Alert, standing: Standing, helps: Advice) -> list[tuple[str, str]]:
    channel = words.CHANNELS[alert.channel] if alert.channel else ""
    reasons = dict.fromkeys(words.REASON_GROUPS[reason.l1] for reason in alert.reasons)
    score = "" if alert.score is None else f"{alert.score} 分"
    before = "" if alert.previous_level in {None, Level.NONE} else f"此前{words.LEVELS[alert.previous_level]}"
    told = words.TOLD_BECAUSE[standing.told_because]
    return [
        ("等级", _joined(words.LEVELS[alert.level or Level.NONE], score, before)),
        ("地区", _joined(f"{region_name(alert.region)}{CITIES.get(alert.city, '')}", channel, alert.queue)),
        ("原因", _joined(*reasons)),
        ("风险", _joined(*(words.THREATS[threat] for threat in alert.threats))),
        ("承诺", commitment(alert)),
        ("指标", figure_name(alert)),
        ("数量", _quantity(alert, standing)),
        ("内容", matter(alert)),
        ("波及", spread(alert)),
        (
            "客户",
            _joined(helps.type_name.zh or alert.customer_type, *(alert.tags[:3] if _has_plain_tags(alert) else ())),
        ),
        ("会话", alert.conversation_id or "、".join(conversations(alert))),
        ("工单", alert.ticket_id),
        ("坐席", alert.agent_id),
        ("通知原因", told if standing.step == 0 else f"{told}（第 {standing.step + 1} 级）"),
        ("本应通知", standing.stands_for),
        ("已确认", standing.acked_by),
        ("判定", "" if standing.verdict is None else _joined(words.VERDICTS[standing.verdict], standing.judged_by)),
        ("静默", standing.quiet),
        ("时间", _joined(_clock(alert.occurred_at), _lasted(standing.lasted_ms))),
        ("历史", history(alert.background)),
    ]


def conversations(alert: Alert) -> tuple[str, ...]:
    """The conversations that an alert about an agent counts."""
    return alert.tags if alert.kind is AlertKind.AGENT_COMPLAINTS else ()


def _has_plain_tags(alert: Alert) -> bool:
    return alert.kind not in {AlertKind.OUTBREAK, AlertKind.AGENT_COMPLAINTS}


def _lasted(span_ms: int) -> str:
    """How old the incident is; nothing within its first minute."""
    minutes = span_ms // MINUTE_MS
    hours = f"{minutes // 60} 小时 " if minutes >= 60 else ""
    return f"已 {hours}{minutes % 60} 分钟" if minutes else ""


def _quantity(alert: Alert, standing: Standing) -> str:
    if alert.value is not None:
        before = "" if alert.baseline is None else f"，此前 {alert.baseline:g}"
        return f"{alert.value:g}{before}（样本 {alert.count or 0}）"
    if alert.count is not None:
        usual = "，平时基线尚在学习" if alert.baseline is None else f"，平时约 {alert.baseline:.1f} 件"
        return f"{alert.count} 件{usual}"
    return f"{standing.count} 件" if standing.count > 1 else ""


def _why(alert: Alert) -> tuple[str, ...]:
    rules = list(dict.fromkeys(each.rule for each in alert.evidence))[:_RULES_SHOWN]
    why = [f"规则 {rule}" for rule in rules]
    if alert.guards_passed:
        why.append(f"守卫规则 {_joined(*alert.guards_passed)}")
    if why and alert.rules_version:
        why.append(f"规则版本 {alert.rules_version}")
    return tuple(why)


def _english(alert: Alert, standing: Standing) -> str:
    place = alert.city if alert.kind is AlertKind.SURGE and alert.city else alert.region
    about = _gravest(alert).value if alert.threats else (alert.reasons[0].l1.value if alert.reasons else alert.kind)
    count = max(standing.count, alert.count or 0)
    return f"{(alert.level or Level.NONE).value} · {place} · {about} · {count} · {standing.told_because.value}"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _clock(at_ms: int) -> str:
    return in_china(at_ms).strftime("%m-%d %H:%M:%S 北京时间")
