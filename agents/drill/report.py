"""The report of a drill: what was seen, who was told, who would have been, and whether anybody heard who must not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from agents.deliver.memory import FINAL
from agents.drill.storm import has_ticket, level_of, place_of
from pipeline.incidents.drills import takes_drills
from pipeline.incidents.plan import Plan
from schemas.alerts import Alert
from schemas.deliveries import Notification, Outcome, Receipt, Receiver, Result
from schemas.incidents import Incident
from schemas.sla_clocks import TicketClocks
from schemas.vocabulary import Level

_LISTED = 20
_TOLD = frozenset({Result.SENT, Result.DELIVERED, Result.BUNDLED})
# Nobody is told, as the plan has it: its route only records, or a larger incident, which is told, mutes it.
_MEANT = frozenset({Outcome.RECORD_ONLY, Outcome.INHIBITED})
_NO_INCIDENT = f"{Level.HIGH_RISK.value}: no incident"


class Spread(Struct, frozen=True):
    """How long something took, in milliseconds, over so many times."""

    count: int
    p50_ms: int
    p99_ms: int
    most_ms: int


class Report(Struct, frozen=True, kw_only=True):
    """What became of a drill. Times are milliseconds since the epoch, UTC."""

    name: str
    conversations: int
    began_at: int
    ended_at: int
    expected: dict[str, int]  # conversations by the level that they were to come to
    seen: dict[str, int]  # by the level that they came to
    missed: list[str]  # conversations that came to less
    raised: list[str]  # to more
    tickets: dict[str, int]  # by status
    unclocked: list[str]  # conversations of whose ticket no clock is known
    would_do: dict[str, int]  # commands to ticket systems that were tried and not sent
    incidents: dict[str, int]  # by state
    notifications: dict[str, dict[str, int]]  # by channel and result
    would_have_told: dict[str, int]  # by person and channel: who stands on the cards
    waiting: list[str]  # notifications without a final receipt
    untold: list[str]  # incidents that somebody was to hear of and nobody did; high risk that is no incident
    leaked: list[str]  # notifications to anybody who is not marked for drills
    said_to_sent: Spread | None  # from the sentence to the vendor's answer; of high risk

    @property
    def is_good(self) -> bool:
        """Whether everything came to its level and all was told, to nobody else."""
        return bool(self.seen) and not (self.missed or self.unclocked or self.waiting or self.untold or self.leaked)


class Records(NamedTuple):
    """What a drill left on the topics; of others too, which do not count."""

    alerts: Sequence[Alert]
    incidents: Sequence[Incident]
    notifications: Sequence[Notification]
    receipts: Sequence[Receipt]
    clocks: Sequence[TicketClocks] = ()


def is_known(name: str, records: Records) -> bool:
    """Whether a drill of that name has left anything: a second one could not be told from it."""
    kinds: tuple[Sequence[Alert | Incident | Notification | TicketClocks], ...]
    kinds = (records.alerts, records.incidents, records.notifications, records.clocks)
    return any(each.test == name for values in kinds for each in values)


def report_of(name: str, records: Records, plan: Plan) -> Report:
    """Put the report together."""
    alerts = [each for each in records.alerts if each.test == name]
    incidents = [each for each in records.incidents if each.test == name]
    notices = {each.notification_id: each for each in records.notifications if each.test == name}
    came_to = _levels(alerts, name)
    places = [place for each in alerts if (place := place_of(each.conversation_id, name)) is not None]
    count = max((place.conversations for place in places), default=0)
    expected = {number: level for number in range(count) if (level := level_of(number)) is not Level.NONE}
    tickets = _tickets(records.clocks, name)
    final = {each.notification_id: each for each in records.receipts if each.result in FINAL}
    return Report(
        name=name,
        conversations=count,
        began_at=min((each.occurred_at for each in alerts), default=0),
        ended_at=max((each.at for each in final.values() if each.notification_id in notices), default=0),
        expected=_count(expected.values()),
        seen=_count(came_to.values()),
        missed=_named(n for n, level in expected.items() if came_to.get(n, Level.NONE).rank < level.rank),
        raised=_named(n for n, level in came_to.items() if level.rank > expected.get(n, Level.NONE).rank),
        tickets=dict(Counter(each.status.value for each in tickets.values())),
        unclocked=_named(number for number in range(count) if has_ticket(number) and number not in tickets),
        would_do=dict(Counter(each for ticket in tickets.values() for each in ticket.would_do)),
        incidents=_states(incidents),
        notifications=_results(notices, final),
        would_have_told=dict(Counter(f"{to.to}@{to.channel}" for each in notices.values() for to in each.stands_for)),
        waiting=sorted(set(notices) - set(final))[:_LISTED],
        untold=_untold(expected.values(), incidents, notices, records.receipts)[:_LISTED],
        leaked=sorted(each.notification_id for each in notices.values() if not _may_hear(each, plan))[:_LISTED],
        said_to_sent=_spread(_delays(alerts, incidents, notices, final)),
    )


def _levels(alerts: Iterable[Alert], name: str) -> dict[int, Level]:
    """The highest level of each conversation."""
    found: dict[int, Level] = {}
    for alert in alerts:
        place = place_of(alert.conversation_id, name)
        if place is not None and alert.level is not None:
            found[place.number] = max(found.get(place.number, Level.NONE), alert.level, key=lambda each: each.rank)
    return found


def _tickets(clocks: Iterable[TicketClocks], name: str) -> dict[int, TicketClocks]:
    """The newest snapshot of each ticket of the drill; a ticket has its conversation's id."""
    found: dict[int, TicketClocks] = {}
    for each in sorted(clocks, key=lambda snapshot: snapshot.version):
        place = place_of(each.ticket_id, name)
        if place is not None:
            found[place.number] = each
    return found


def _count(levels: Iterable[Level]) -> dict[str, int]:
    counts = Counter(levels)
    return {level.value: counts[level] for level in Level if counts[level]}


def _named(numbers: Iterable[int]) -> list[str]:
    return [str(number) for number in sorted(numbers)][:_LISTED]


def _states(incidents: Iterable[Incident]) -> dict[str, int]:
    newest = {each.incident_id: each.state.value for each in incidents}
    return dict(Counter(newest.values()))


def _results(notices: dict[str, Notification], final: dict[str, Receipt]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for name, notice in notices.items():
        result = final[name].result.value if name in final else "waiting"
        found.setdefault(notice.channel, Counter())[result] += 1
    return {channel: dict(counts) for channel, counts in sorted(found.items())}


def _untold(
    expected: Iterable[Level],
    incidents: Iterable[Incident],
    notices: dict[str, Notification],
    receipts: Iterable[Receipt],
) -> list[str]:
    """Incidents of which no card arrived, by whatever way. A card that is only drawn anew tells nobody."""
    newest = {each.incident_id: each for each in incidents}
    cards = {name: each.incident_id for name, each in notices.items() if not each.redraws}
    told = {cards[each.notification_id] for each in receipts if each.result in _TOLD and each.notification_id in cards}
    meant = {each.incident_id for each in receipts if each.reason in _MEANT} - set(cards.values())
    found = [
        name
        for name, incident in newest.items()
        if name not in told and (name not in meant or incident.level is Level.HIGH_RISK)
    ]
    is_grave = any(incident.level is Level.HIGH_RISK for incident in newest.values())
    return [_NO_INCIDENT] * (Level.HIGH_RISK in expected and not is_grave) + sorted(found)


def _may_hear(notice: Notification, plan: Plan) -> bool:
    ways = (Receiver(channel=notice.channel, to=notice.to), *notice.alternatives)
    return all(takes_drills(way, plan) for way in ways)


def _delays(
    alerts: Iterable[Alert],
    incidents: Iterable[Incident],
    notices: dict[str, Notification],
    final: dict[str, Receipt],
) -> Iterable[int]:
    """Of each incident at high risk: from what was said to the first vendor's answer."""
    said = {each.alert_id: each.occurred_at for each in alerts if each.level is Level.HIGH_RISK}
    sent: dict[str, int] = {}
    for name, notice in notices.items():
        receipt = final.get(name)
        if receipt is not None and receipt.result in _TOLD:
            sent[notice.incident_id] = min(sent.get(notice.incident_id, receipt.at), receipt.at)
    members = {member: each.incident_id for each in incidents for member in each.members}
    for alert_id, said_ms in said.items():
        sent_ms = sent.get(members.get(alert_id, ""))
        if sent_ms is not None:
            yield max(sent_ms - said_ms, 0)


def _spread(delays_ms: Iterable[int]) -> Spread | None:
    found = sorted(delays_ms)
    if not found:
        return None
    return Spread(len(found), found[len(found) // 2], found[min(int(len(found) * 0.99), len(found) - 1)], found[-1])
