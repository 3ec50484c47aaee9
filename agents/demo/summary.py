"""What came of the day: a table by region, hits and misses, delays, and where to look next."""

from collections import Counter
from collections.abc import Mapping
from statistics import mean

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.cli.cards import region_name
from agents.cli.show import LEVEL_NAMES, LEVEL_STYLES, level_text
from agents.demo.tally import Tally
from pipeline.words import COMMANDS
from schemas.commands import CommandKind
from schemas.feedback import FeedbackKind
from schemas.promises import PromiseState
from schemas.tagged import Sentiment
from schemas.vocabulary import AlertKind, Level

SHOWN_REGIONS = 12
_FIGURES = {
    FeedbackKind.NPS: ("NPS", "+.0%"),
    FeedbackKind.CSAT: ("CSAT", ".0%"),
    FeedbackKind.CES: ("CES", ".1f"),
    FeedbackKind.REVIEW: ("星级 stars", ".1f"),
}
LEVELS = (Level.POTENTIAL, Level.EXPLICIT, Level.HIGH_RISK)


def show_summary(out: Console, tally: Tally, expected: Mapping[str, Level]) -> None:
    """The whole summary."""
    out.print()
    out.print(_by_region(tally))
    out.print(_by_level(tally, expected))
    misses = tally.misses(expected)
    for subject, level, found in misses:
        wanted, got = level_text(level), level_text(found)
        out.print(Text.assemble("≠ ", subject, " 预期 expected ", wanted, " 得到 got ", got))
    hits = len(expected) - len(misses)
    out.print(_of_tickets(tally))
    out.print(_of_promises(tally))
    out.print(_of_answers(tally))
    told = f"对话与答卷 conversations and answers {len(expected)}，与预期一致 as expected {hits}"
    out.print(f"{told}，死信 dead letters {tally.dead_letters}")
    out.print(f"已送出的通知卡片 cards delivered {tally.delivered}，其余合并或静候升级 (tocsin incidents list)")
    p50, p99 = tally.delay_ms(0.5), tally.delay_ms(0.99)
    out.print(
        f"从事件到看见告警 event to visible alert: p50 {p50:,} ms，p99 {p99:,} ms（{len(tally.delays_ms)} 条 alerts）"
    )


def _of_tickets(tally: Tally) -> str:
    """What became of tickets: warnings, breaches, broken rules, and what the ticket system was told to do."""
    counts = tally.tickets
    commands = "、".join(f"{COMMANDS[kind]} {counts[kind]}" for kind in CommandKind if counts[kind])
    return (
        f"工单 tickets: 时限预警 warnings {counts[AlertKind.SLA_WARNING]}，超时 breaches {counts[AlertKind.SLA_BREACH]}"
        f"，内部规定 house rules {counts[AlertKind.HOUSE_RULE]}；指令 commands: {commands or '无 none'}"
    )


def _of_promises(tally: Tally) -> str:
    """What agents promised, and what became of it so far."""
    counts = Counter(tally.promises.values())
    return (
        f"承诺 promises {len(tally.promises)}: 已兑现 kept {counts[PromiseState.KEPT]}"
        f"，未兑现 broken {counts[PromiseState.BROKEN]}，其余未到期 the others not due (tocsin promises list)"
    )


def _of_answers(tally: Tally) -> str:
    """What customers said when they were asked; each figure with how many it speaks of."""
    figures = "、".join(
        f"{name} {mean(values):{form}} (n {len(values)})"
        for kind, (name, form) in _FIGURES.items()
        if (values := tally.answers[kind])
    )
    felt = tally.comments
    return (
        f"客户之声 voice: {figures}；评论 comments: 好评 {felt[Sentiment.POSITIVE]}"
        f"、中评 {felt[Sentiment.NEUTRAL]}、差评 {felt[Sentiment.NEGATIVE]}"
    )


def _by_region(tally: Tally) -> Table:
    table = Table(title="各地区 by region", title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("地区")
    for level in LEVELS:
        table.add_column(Text(LEVEL_NAMES[level], style=LEVEL_STYLES[level]), justify="right")
    table.add_column("")
    regions = tally.by_region()
    for region, counts in regions[:SHOWN_REGIONS]:
        picture = Text()
        for level in reversed(LEVELS):
            picture.append(LEVEL_NAMES[level][0] * counts[level], style=LEVEL_STYLES[level])
        table.add_row(region_name(region), *(str(counts[level] or "·") for level in LEVELS), picture)
    rest = regions[SHOWN_REGIONS:]
    if rest:
        sums = (str(sum(counts[level] for _, counts in rest)) for level in LEVELS)
        table.add_row(f"其余 {len(rest)} 个", *sums, "", style="dim")
    return table


def _by_level(tally: Tally, expected: Mapping[str, Level]) -> Table:
    table = Table(title="各等级 by level", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("等级", "预期 expected", "得到 got"):
        table.add_column(column, justify="left" if column == "等级" else "right")
    for level in LEVELS:
        wanted = sum(each is level for each in expected.values())
        table.add_row(level_text(level), str(wanted), str(tally.reached(level)))
    return table
