"""Replay the sample day and show what comes of it, as it comes."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from agents.cli.cards import CARDS
from agents.cli.show import LEVEL_STYLES
from agents.demo import script
from agents.demo.backlog import worked_off
from agents.demo.tally import Tally
from agents.demo.tickets import settled_clock
from agents.recording.follow import Follower, Seen, follow
from agents.recording.records import Recorded
from agents.recording.replay import Pace, Shift, replay
from agents.settings import Settings
from pipeline.cards.draw import text_of
from schemas.alerts import Alert
from schemas.commands import Command
from schemas.deadletters import DeadLetter
from schemas.deliveries import Notification, Receipt, Result
from schemas.feedback import FeedbackJudgement
from schemas.promises import Promise
from schemas.topics import ALERTS, COMMANDS, DEADLETTERS, HINTS, JUDGEMENTS, NOTIFICATIONS, PROMISES, RECEIPTS
from schemas.vocabulary import Level

LONGEST_GAP_SECONDS = 45.0  # of the day's time: nobody wants to watch a lunch break
QUIET_SECONDS = 3.0  # nothing came for so long after the last event was worked off: that was all
_LOOK_SECONDS = 0.2
FOLLOWED = (ALERTS, HINTS, COMMANDS, PROMISES, JUDGEMENTS, DEADLETTERS, NOTIFICATIONS, RECEIPTS)
_MARKS = ((Level.POTENTIAL, "○"), (Level.EXPLICIT, "△"), (Level.HIGH_RISK, "■"))


@dataclass(slots=True)
class Screen:
    """Where things are shown: lines above, on a terminal a progress bar below."""

    out: Console
    progress: Progress
    task: TaskID
    tally: Tally
    has_shown: bool = False  # a whole card
    notices: dict[str, Notification] = field(default_factory=dict)  # not answered yet

    def show(self, seen: Seen, *, seen_at_ms: int) -> None:
        """One alert, hint, dead letter, or what became of a notification."""
        value = seen.decoded()
        if isinstance(value, Notification | Receipt):
            self._deliver(value)
            return
        if isinstance(value, Promise):  # its warnings and its break come as alerts
            self.tally.promise(value)
            return
        if isinstance(value, FeedbackJudgement):  # a comment that complains comes as an alert
            self.tally.judgement(value)
            return
        if isinstance(value, Alert):
            self.tally.alert(value, seen_at_ms=seen_at_ms)
        elif isinstance(value, DeadLetter):
            self.tally.dead_letters += 1
        elif isinstance(value, Command):
            self.tally.command(value)
        elif value.level is not Level.HIGH_RISK:  # of the cards for agents the most urgent ones tell enough
            return
        self.out.print(CARDS[type(value)](value))
        self.progress.update(self.task, levels=self._levels())

    def _deliver(self, value: Notification | Receipt) -> None:
        """Remember a notification, count its receipt; the first one at high risk is shown as people get it."""
        if isinstance(value, Notification):
            self.notices[value.notification_id] = value
            return
        notice = self.notices.pop(value.notification_id, None)
        if notice is None or value.result is not Result.SENT:
            return
        self.tally.delivered += 1
        if notice.card.level is Level.HIGH_RISK and not self.has_shown:
            self.has_shown = True
            title = f"通知卡片 a card, sent in {value.latency_ms} ms"
            self.out.print(Panel(Text(text_of(notice.card)), title=title, title_align="left", width=100))

    def sent(self, count: int) -> None:
        """So many events were sent."""
        self.progress.update(self.task, completed=count)

    def _levels(self) -> str:
        counts = (f"[{LEVEL_STYLES[level]}]{mark} {self.tally.reached(level)}[/]" for level, mark in _MARKS)
        return "  ".join(counts)


async def settle(settings: Settings) -> None:
    """Before any worker starts: the cluster's clock has run for a while, so deadlines are told from the beginning."""
    clock = settled_clock(time.time_ns() // 1_000_000, settings.partitions)
    await replay(settings, clock, pace=Pace(speed=0), shift=Shift.NONE)


async def watch(settings: Settings, out: Console, *, seconds: float) -> Tally:
    """Show the day within about so many seconds; ends when everything that came of it was shown."""
    records = script.records()
    *_, (length, _) = Pace(longest_gap_seconds=LONGEST_GAP_SECONDS).due(records)
    pace = Pace(speed=length / seconds, longest_gap_seconds=LONGEST_GAP_SECONDS)
    columns = (
        TextColumn("样例日 sample day"),
        BarColumn(bar_width=40),
        TextColumn("{task.completed}/{task.total}"),
        TextColumn("{task.fields[levels]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, disable=not sys.stdout.isatty()) as progress:
        screen = Screen(out, progress, progress.add_task("", total=len(records), levels=""), Tally())
        async with (
            follow(settings, FOLLOWED, from_start=True) as follower,
            asyncio.TaskGroup() as group,
        ):
            sending = group.create_task(_send(settings, records, pace, screen))
            await _show_all(follower, screen, sending)
    return screen.tally


async def _send(settings: Settings, records: Sequence[Recorded], pace: Pace, screen: Screen) -> None:
    await replay(settings, records, pace=pace, shift=Shift.NOW, on_sent=screen.sent)
    if not await worked_off(settings):
        screen.out.print("[red]worker 没有处理完 the worker has not worked everything off[/]", markup=True)


async def _show_all(follower: Follower, screen: Screen, sending: "asyncio.Task[None]") -> None:
    last_seconds = time.monotonic()
    while not sending.done() or time.monotonic() - last_seconds < QUIET_SECONDS:
        records = await follower.fetch(wait_seconds=_LOOK_SECONDS)
        seen_at_ms = time.time_ns() // 1_000_000
        for seen in records:
            screen.show(seen, seen_at_ms=seen_at_ms)
        if records or not sending.done():
            last_seconds = time.monotonic()
