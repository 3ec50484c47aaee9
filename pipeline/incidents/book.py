"""The book of a turn: rows as this batch has changed them over what was committed, and what is to be published."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from pipeline.conversation.advice import AdviceBook
from pipeline.incidents.agents import AgentRow, alerted, complaint_of, heard
from pipeline.incidents.case import Case
from pipeline.incidents.grouping import drill_prefix
from pipeline.incidents.linking import acknowledged
from pipeline.incidents.muting import silenced_by
from pipeline.incidents.notices import notification, snapshot, suppressed, told_until, untold
from pipeline.incidents.plan import Plan, milliseconds
from pipeline.incidents.receivers import Addressed, shown
from pipeline.incidents.rulings import audited, remembered_until_ms
from pipeline.incidents.silences import Standing
from pipeline.places.provinces import REGIONS
from pipeline.stage import Effects, Output, Rows
from schemas.actions import Action, ActionSource, PressedCard
from schemas.alerts import Alert
from schemas.audits import REFUSED, ActionResult
from schemas.crossings import AgentComplaint, Inhibition
from schemas.deliveries import Outcome
from schemas.incidents import ReasonCode
from schemas.topics import ACTION_AUDITS, CROSSINGS
from schemas.vocabulary import AlertKind

_SNAPSHOTS_OF_JOINING = 20  # of a storm each alert would publish the whole incident again; then one in so many does


class IncidentRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the stage: a case under its group, the group of an incident id, what mutes a region, or an agent.

    Under `done|…` it is empty: that action was taken, and until `wake_at_ms` a repeat is known as one.
    """

    case: Case | None = None
    group: str = ""  # under `id|…`: where the incident is kept
    silences: tuple[Standing, ...] = ()  # under `region|…`
    inhibitors: dict[str, int] = {}  # under `region|…`: open incidents by what they mute
    turns: dict[str, int] = {}  # under `region|…`: whose turn it is in each team
    agent: AgentRow | None = None  # under `agent|…`
    wake_at_ms: int = 0


_NO_ROW = IncidentRow()
_DONE = b"done|"
_AGENT = b"agent|"


class Book:
    """What is read and what is written while one batch is folded."""

    def __init__(self, rows: Rows[IncidentRow], advice: AdviceBook, plan: Plan) -> None:
        self._rows = rows
        self._advice = advice
        self._plan = plan
        self.effects: Effects[IncidentRow] = Effects()

    def of_group(self, group: str) -> IncidentRow:
        """The row of a group; an empty one where it has no case."""
        return self._get(_case_key(group))

    def of_incident(self, incident_id: str) -> str:
        """The group of an incident; "" where it is not known (any more)."""
        return self._get(f"id|{incident_id}".encode()).group

    def of_region(self, region: str) -> IncidentRow:
        """What mutes a region."""
        return self._get(_region_key(region))

    def wake(self, now_ms: int) -> list[Case]:
        """Cases of which something is due; actions and agents that are of no use any more are forgotten."""
        due = self._rows.due(now_ms)
        self.effects.changes.update(dict.fromkeys(key for key in due if key.startswith((_DONE, _AGENT))))
        rows = [self._get(key) for key in due]
        return [row.case for row in rows if row.case is not None and 0 < row.wake_at_ms <= now_ms]

    def is_repeated(self, action: Action) -> bool:
        """Whether the action was taken before; its id is an id among those of its source."""
        return self._get(_done_key(action)).wake_at_ms > 0

    def audit(self, action: Action, result: ActionResult, *, at_ms: int) -> None:
        """Say what became of an action, and remember it where it is used up."""
        if result not in REFUSED:
            until_ms = remembered_until_ms(action, at_ms=at_ms)
            self.effects.changes[_done_key(action)] = IncidentRow(wake_at_ms=until_ms)
        self.effects.outputs.append(Output(ACTION_AUDITS, action.region.encode(), audited(action, result, at_ms=at_ms)))

    def link(self, case: Case, action: Action, *, now_ms: int) -> None:
        """Say of each complaint of a case that somebody has taken it in hand."""
        self.effects.outputs += acknowledged(case, action, now_ms=now_ms)

    def shows(self, case: Case) -> bool:
        """Whether it is to be published how a case stands: not each time that a large one grew."""
        before = self.of_group(case.group).case
        return before is None or not _only_grew(before, case) or case.count % _SNAPSHOTS_OF_JOINING == 0

    def keep(self, case: Case, *, wake_at_ms: int, is_shown: bool) -> None:
        """Write a case, and publish how it stands where it is shown."""
        if self.of_group(case.group).case is None:
            self.effects.changes[f"id|{case.incident_id}".encode()] = IncidentRow(group=case.group)
        self.effects.changes[_case_key(case.group)] = IncidentRow(case=case, wake_at_ms=wake_at_ms)
        if is_shown:
            self.effects.outputs.append(snapshot(case))

    def forget(self, case: Case) -> None:
        """A case is closed: its last snapshot is published and its rows go."""
        self.effects.outputs.append(snapshot(case))
        self.effects.changes[_case_key(case.group)] = None
        self.effects.changes[f"id|{case.incident_id}".encode()] = None

    def silence_of(self, case: Case, *, now_ms: int) -> Standing | None:
        """The silence that keeps a case quiet now."""
        silences = self.of_region(case.alert.region).silences
        return silenced_by(case.alert, silences, incident_id=case.incident_id, now_ms=now_ms, mixed=case.mixed)

    def silence(self, region: str, silences: tuple[Standing, ...]) -> None:
        """The silences of a region from now on."""
        self.effects.changes[_region_key(region)] = replace(self.of_region(region), silences=silences)

    def inhibit(self, case: Case, name: str, *, is_open: bool, now_ms: int) -> None:
        """A case begins to mute `name`, or ends to: in its region, an outbreak in every other one too."""
        if not name:
            return
        self.count_inhibitor(case.alert.region, name, 1 if is_open else -1)
        if case.alert.kind is not AlertKind.OUTBREAK:
            return
        for region in REGIONS:
            if region != case.alert.region:
                told = Inhibition(
                    region=region,
                    mutes=name,
                    incident_id=case.incident_id,
                    is_open=is_open,
                    emitted_at=now_ms,
                    test=case.alert.test,
                )
                self.effects.outputs.append(Output(CROSSINGS, region.encode(), told))

    def count_inhibitor(self, region: str, name: str, difference: int) -> None:
        """One open incident more, or less, that mutes `name` in a region."""
        row = self.of_region(region)
        counts = {**row.inhibitors, name: row.inhibitors.get(name, 0) + difference}
        kept = {each: count for each, count in counts.items() if count > 0}
        self.effects.changes[_region_key(region)] = replace(row, inhibitors=kept)

    def hear_of_agent(self, complaint: AgentComplaint) -> None:
        """One complaint more about an agent; the row is kept for as long as an incident of it may be open."""
        key = b"%s%s%s" % (_AGENT, drill_prefix(complaint).encode(), complaint.agent_id.encode())
        row, alert = heard(self._get(key).agent or AgentRow(), complaint)
        wake_at_ms = complaint.emitted_at + milliseconds(self._plan.resolve_after)
        self.effects.changes[key] = IncidentRow(agent=row, wake_at_ms=wake_at_ms)
        if alert is not None:
            self.effects.outputs.append(alerted(alert))

    def tell_of_agent(self, alert: Alert) -> None:
        """Let whoever counts the complaints about an agent know of one."""
        self.effects.outputs.append(complaint_of(alert))

    def turns(self, region: str, prefix: str) -> dict[str, int]:
        """Whose turn it is in each team where this region is concerned; drills have turns of their own."""
        known = self.of_region(region).turns
        return {name.removeprefix(prefix): turn for name, turn in known.items() if name.startswith(prefix)}

    def take_turns(self, region: str, prefix: str, turns: Mapping[str, int]) -> None:
        """These turns were taken."""
        if turns:
            row = self.of_region(region)
            taken = {f"{prefix}{name}": turn for name, turn in turns.items()}
            self.effects.changes[_region_key(region)] = replace(row, turns={**row.turns, **taken})

    def notify(self, case: Case, to: Addressed, reason: ReasonCode, *, now_ms: int) -> None:
        """Tell a receiver."""
        told = notification(case, to, reason, advice=self._advice, plan=self._plan, now_ms=now_ms)
        self.effects.outputs.append(told)

    def redraw(
        self, case: Case, reason: ReasonCode, *, cause: str, now_ms: int, pressed: PressedCard | None = None
    ) -> None:
        """Let cards that were sent of a case say how it is now, where that can be."""
        silence = self.silence_of(case, now_ms=now_ms)
        quiet = "" if silence is None else f"{told_until(silence.ends_at_ms)} · {silence.author}"
        for each in shown(case.told, self._plan):
            is_pressed = pressed is not None and (pressed.channel, pressed.to) == (each.channel, each.to)
            drawn = notification(
                case,
                Addressed(each, card_ref=pressed.ref if pressed is not None and is_pressed else ""),
                reason,
                advice=self._advice,
                plan=self._plan,
                now_ms=now_ms,
                redraws=cause,
                quiet=quiet,
            )
            self.effects.outputs.append(drawn)

    def suppress(self, case: Case, outcome: Outcome, *, now_ms: int, by: str = "") -> None:
        """Say that nobody was told, why, and because of what."""
        self.effects.outputs.append(suppressed(case, outcome, by=by, now_ms=now_ms))

    def leave_untold(self, alert: Alert) -> None:
        """Say that an alert has no incident."""
        self.effects.outputs.append(untold(alert))

    def _get(self, key: bytes) -> IncidentRow:
        changes = self.effects.changes
        return (changes[key] if key in changes else self._rows.get(key)) or _NO_ROW


def _only_grew(before: Case, after: Case) -> bool:
    """Whether alerts joined and nothing else happened; the first few are always published."""
    if after.count <= _SNAPSHOTS_OF_JOINING or after.count == before.count:
        return False
    told = (before.state, before.level, before.step, before.round, before.told, before.acked_by)
    return told == (after.state, after.level, after.step, after.round, after.told, after.acked_by)


def _case_key(group: str) -> bytes:
    return f"case|{group}".encode()


def _region_key(region: str) -> bytes:
    return f"region|{region}".encode()


def _done_key(action: Action) -> bytes:
    """An offer is used up whether it came back by a link or by a card."""
    way = "offer" if action.source in {ActionSource.LINK, ActionSource.CARD} else action.source.value
    return b"%s%s|%s" % (_DONE, way.encode(), action.action_id.encode())
