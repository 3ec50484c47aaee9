"""One record as one or two lines for people: alerts, tags, dead letters. Only masked text is ever shown.

What others wrote, ids included, goes through `plainly`: an escape sequence in it would act on the reader's terminal.
"""

from collections.abc import Callable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from agents.cli.show import LEVEL_STYLES, level_text, marked, plainly
from pipeline import words
from pipeline.places.provinces import PROVINCES
from pipeline.times import in_china
from schemas.alerts import Alert
from schemas.commands import Command
from schemas.deadletters import DeadLetter
from schemas.desks import HotTickets
from schemas.evidence import Evidence, Reason
from schemas.hints import Hint
from schemas.tagged import Tag
from schemas.vocabulary import Level, ThreatGroup

_LEVEL_CELLS = 10
_REGION_CELLS = 10
_EVIDENCE_CHARS = 60  # of a quote; what is cut is marked by …


def alert_card(alert: Alert) -> Text:
    """Level, region, channel, reason; under it the words that decided."""
    what = level_text(alert.level) if alert.level and alert.level is not Level.NONE else Text("◇ 预警", style="cyan")
    line = _head(alert.emitted_at, what, alert.region)
    line.append(f"{words.CHANNELS[alert.channel] if alert.channel else '—':<4}")
    why = _why(alert.reasons, alert.threats) or " ".join(alert.keywords[:2]) or _of_ticket(alert)
    line.append(plainly(f"  {why}"), style="bold")
    if alert.kind.value == "self_harm":
        line.append("  先顾人 person first", style="bold white on red")
    line.append(plainly(f"  {alert.conversation_id or alert.ticket_id}"), style="dim")
    return _with_evidence(line, alert.evidence, alert.level)


def _of_ticket(alert: Alert) -> str:
    """What is told that no words of a customer showed: the kind, with the clock or the rule that it is about."""
    about = f" {words.GOALS[alert.sla.clock]}" if alert.sla else f" {alert.finding}" if alert.finding else ""
    return words.ALERT_KINDS[alert.kind] + about


def command_card(command: Command) -> Text:
    """What the ticket system is told to do."""
    line = Text("           ➤ ", style="dim")
    line.append(words.COMMANDS[command.command], style="bold cyan")
    about = command.group_id or command.priority or command.conversation_id
    line.append(plainly(f"  {command.ticket_id}  {about}"))
    line.append(plainly(f"  {command.params['text']}") if "text" in command.params else "", style="dim")
    return line


def tag_card(tag: Tag) -> Text:
    """What one event showed."""
    line = _head(tag.occurred_at, level_text(tag.level), tag.region)
    line.append(f"{tag.score:>3.0f}")
    line.append(plainly(f"  {_why(tag.reasons, tag.threats)}  {' '.join(tag.tags)}"), style="bold")
    line.append(plainly(f"  {tag.conversation_id}"), style="dim")
    return _with_evidence(line, tag.evidence, tag.level)


def hint_card(hint: Hint) -> Text:
    """What the agent on the line reads: what to say, what not to say."""
    line = Text("           ☞ ", style="dim")
    line.append(plainly(f"{hint.agent_id} "), style="dim")
    if hint.customer_type:
        line.append(plainly(f"[{hint.customer_type}] "), style="cyan")
    line.append(plainly(hint.advice))
    if hint.avoid:
        line.append(plainly(f"  忌 {hint.avoid}"), style="yellow")
    return line


def dead_letter_card(letter: DeadLetter) -> Text:
    """Where a refused record stands and what was expected; never what it holds."""
    line = Text(f"{_clock(letter.at)} ", style="dim")
    line.append("✗ 死信", style="magenta")
    line.append(plainly(f"  {letter.topic}[{letter.partition}]@{letter.offset}"))
    line.append(f"  {words.REFUSALS[letter.reason]}", style="bold")
    where = "" if letter.error.startswith(letter.path) else f"{letter.path} "
    line.append(plainly(f"  {where}{letter.error}"), style="dim")
    return line


def hot_card(hot: HotTickets) -> Text:
    """What many tickets are about in the last hour that few usually are."""
    line = Text(f"{_clock(hot.emitted_at)} ", style="dim")
    line.append("▲ 工单热点" if hot.topics else "▽ 工单热点已退 cooled down", style="dark_orange")
    line.append(f"  {plainly(hot.desk)}  {hot.tickets} 张工单 tickets", style="dim")
    for topic in hot.topics:
        line.append(f"\n           {plainly(topic.topic)}", style="bold")
        line.append(f"  {topic.tickets} 张，{topic.customers} 位客户，平时的 {topic.rise:.1f} 倍 × usual")
        line.append("  新 new" if topic.is_new else "", style="dark_orange")
    return line


CARDS: dict[type[Any], Callable[[Any], Text]] = {
    Alert: alert_card,
    Tag: tag_card,
    Hint: hint_card,
    DeadLetter: dead_letter_card,
    HotTickets: hot_card,
    Command: command_card,
}


def region_name(code: str) -> str:
    """The province's name; unknown is said, not hidden."""
    return PROVINCES.get(code, "未知地区")


def _head(at_ms: int, what: Text, region: str) -> Text:
    what.append(_blanks(what.plain, _LEVEL_CELLS))
    name = region_name(region)
    return Text.assemble((f"{_clock(at_ms)} ", "dim"), what, "  ", name, _blanks(name, _REGION_CELLS - 2), "  ")


def _blanks(text: str, cells: int) -> str:
    """What fills a column; a Chinese character is two cells wide."""
    return " " * (cells - cell_len(text))


def _clock(at_ms: int) -> str:
    return in_china(at_ms).strftime("%H:%M:%S")


def _why(reasons: Sequence[Reason], threats: Sequence[ThreatGroup]) -> str:
    """Threats first; of the reasons each group once."""
    groups = dict.fromkeys(words.REASON_GROUPS[reason.l1] for reason in reasons)
    return " · ".join((*(words.THREATS[threat] for threat in threats), *groups))


def _with_evidence(line: Text, evidence: Sequence[Evidence], level: Level | None) -> Text:
    if not evidence:
        return line
    shown = max(reversed(evidence), key=lambda each: _weight(each, level))  # of equals the newest
    quote, start, end = _cut(shown.text_masked, shown.mark_start, shown.mark_end)
    words_that_decided = marked(quote, start, end, LEVEL_STYLES[level or Level.NONE])
    return Text.assemble(line, "\n         ", "“", words_that_decided, "”")


def _weight(evidence: Evidence, level: Level | None) -> int:
    """How well a piece of evidence explains the level: threats explain high risk, cues of a level that level."""
    kind, _, name = evidence.rule.partition(".")
    if kind == "threat":
        return 2 if level is Level.HIGH_RISK else 0
    return 1 if level is not None and name.startswith(level.value) else 0


def _cut(quote: str, start: int, end: int) -> tuple[str, int, int]:
    """At most `_EVIDENCE_CHARS` around the mark; `plainly` keeps the length, so the mark stays where it was."""
    first = max(0, min(start - _EVIDENCE_CHARS // 3, len(quote) - _EVIDENCE_CHARS))
    cut = plainly(quote[first : first + _EVIDENCE_CHARS])
    before, after = "…" if first else "", "…" if first + _EVIDENCE_CHARS < len(quote) else ""
    shift = len(before) - first
    return f"{before}{cut}{after}", start + shift, min(end + shift, len(cut) + len(before))
