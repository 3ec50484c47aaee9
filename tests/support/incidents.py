"""Alerts, actions and ticks for tests of incidents, a plan, and a fold that is cut as a test likes."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.book import IncidentRow
from pipeline.incidents.fold import fold
from pipeline.incidents.plan import Chain, Person, Plan, Route, Step, Target
from pipeline.incidents.roles import Role
from pipeline.incidents.roster import Roster, Rotation, Shift
from pipeline.rows import Store, encode_row
from pipeline.stage import Batch, Output
from schemas.actions import Action, ActionKind, ActionSource, Matcher, Silence
from schemas.alerts import Alert
from schemas.codec import Record
from schemas.crossings import AgentComplaint, Inhibition
from schemas.deliveries import Notification
from schemas.incidents import Incident
from schemas.ticks import Tick
from schemas.topics import ACTIONS, ALERTS, CROSSINGS, TICKS
from schemas.vocabulary import AlertKind, Level
from tests.support.alerts import HOUR_START_MS, MINUTE, alert

LEAD, FIRST, SECOND, MANAGER = "lead-1", "duty-1", "duty-2", "manager-1"
PEOPLE = {
    LEAD: Person(("feishu-app",)),
    FIRST: Person(("dingtalk-app", "sms")),
    SECOND: Person(("dingtalk-app",)),
    MANAGER: Person(("dingtalk-app", "sms"), Role.ADMIN),
}
DUTY = Roster((Shift(Rotation((FIRST,), date(2020, 1, 1))),))
HIGH = Chain(
    (
        Step((Target("lead"),)),
        Step((Target("roster", "duty"),), after=timedelta(minutes=5)),
        Step((Target("person", SECOND), Target("channel", "ops")), after=timedelta(minutes=5)),
        Step((Target("person", MANAGER),), after=timedelta(minutes=10), by_second_contact=True),
    ),
    repeat=1,
)
PLAN = Plan(
    people=PEOPLE,
    rosters={"duty": DUTY},
    chains={"high": HIGH, "normal": Chain((Step((Target("channel", "ops"),)),))},
    routes=(Route("high", levels=frozenset({Level.HIGH_RISK})), Route("normal")),
    leads={"repair": LEAD},
    fallback_channel="all-hands",
    drill_channel="drills",
)


_TOPICS = {Tick: TICKS, Alert: ALERTS, Action: ACTIONS, Inhibition: CROSSINGS, AgentComplaint: CROSSINGS}


def high(number: int, at_ms: int = 0, **changes: Any) -> Alert:
    """A conversation became high risk."""
    fields = {"level": Level.HIGH_RISK, "conversation_id": f"c{number}", "queue": "repair"}
    return alert(number, at_ms, **fields | changes)


def surge(number: int, at_ms: int = 0, **changes: Any) -> Alert:
    """A province has more complaints about one matter than usual; with `city`, a city of it."""
    name = changes.get("city") or changes.get("region", "440000")
    return alert(number, at_ms, **{"kind": AlertKind.SURGE, "fingerprint": f"surge:{name}"} | changes)


def act(kind: ActionKind, incident_id: str, at_ms: int, actor: str = "duty-1", **more: Any) -> Action:
    """Somebody did something about an incident in Guangdong."""
    at = HOUR_START_MS + at_ms
    return Action(
        event_id=f"{kind}-{at}-{actor}", source=ActionSource.CLI, occurred_at=at, action_id=f"{kind}-{at}-{actor}",
        action=kind, region="440000", actor=actor, at=at, incident_id=incident_id, **more,
    )  # fmt: skip


def silence(at_ms: int, ends_at_ms: int, **labels: str) -> Action:
    """A manager silences alerts with these labels in Guangdong."""
    matchers = tuple(Matcher(name=name, value=value) for name, value in labels.items())
    span = Silence(matchers=matchers, starts_at=HOUR_START_MS + at_ms, ends_at=HOUR_START_MS + ends_at_ms)
    return act(ActionKind.SILENCE, "", at_ms, MANAGER, silence=span)


def minutes(last: int, first: int = 0) -> list[Tick]:
    """A tick each minute."""
    return [Tick(now_ms=HOUR_START_MS + number * MINUTE) for number in range(first, last + 1)]


class Told:
    """What a run of the stage came to."""

    def __init__(self, outputs: Sequence[Output], rows: dict[bytes, bytes]) -> None:
        self.values = [output.value for output in outputs]
        self.rows = rows

    @property
    def notices(self) -> list[tuple[float, str, str, str]]:
        """Minute, why, channel and receiver of each notification."""
        return [
            ((each.emitted_at - HOUR_START_MS) / MINUTE, _why(each), each.channel, each.to)
            for each in self.of(Notification)
            if not each.redraws
        ]

    @property
    def redrawn(self) -> list[tuple[float, str, str, str]]:
        """The same of cards that are drawn anew."""
        return [
            ((each.emitted_at - HOUR_START_MS) / MINUTE, _why(each), each.channel, each.to)
            for each in self.of(Notification)
            if each.redraws
        ]

    def of(self, kind: type[Any]) -> list[Any]:
        """The records of one type."""
        return [value for value in self.values if isinstance(value, kind)]

    @property
    def incidents(self) -> dict[str, Incident]:
        """The last snapshot of each incident."""
        return {each.incident_id: each for each in self.of(Incident)}


def run(events: Sequence[Any], *, plan: Plan = PLAN, cuts: set[int] | None = None) -> Told:
    """The stage over events in order. Each kind is a batch of its own; batches are also cut at `cuts`."""
    changelog: dict[bytes, bytes | None] = {}
    outputs: list[Output] = []
    for start, end in pairwise(_borders(events, cuts or set())):
        topic = _TOPICS[type(events[start])]
        store: Store[IncidentRow] = Store(IncidentRow)
        store.load(changelog.items())
        store.loaded(now_ms=0)
        records = [Record(place, 0, None, b"") for place in range(start, end)]
        effects = fold(Batch(topic, 0, events[start:end], records), store, plan=plan, advice=AdviceBook())
        outputs += effects.outputs
        for key, row in effects.changes.items():
            changelog[key] = None if row is None else encode_row(row)
    return Told(outputs, {key: row for key, row in changelog.items() if row is not None})


def _why(notice: Notification) -> str:
    (reason,) = [fact.value for fact in notice.card.facts if fact.name == "通知原因"]
    return reason.split("（", maxsplit=1)[0]


def _borders(events: Sequence[Any], cuts: set[int]) -> list[int]:
    changes = {place for place in range(1, len(events)) if type(events[place]) is not type(events[place - 1])}
    return sorted({0, len(events), *changes, *(cut for cut in cuts if cut < len(events))})
