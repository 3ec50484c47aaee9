"""A storm of alerts on a real Kafka: people get cards within the budget, and every alert is accounted for."""

import time
from collections import Counter
from pathlib import Path

import pytest

from agents.deliver.memory import FINAL
from agents.topics import ensure_topics
from pipeline.deliveries.retry import diverted
from pipeline.places.provinces import PROVINCES
from pipeline.stage import SETTLING_MS
from schemas import codec
from schemas.alerts import Alert
from schemas.base import Wire
from schemas.deliveries import Notification, Outcome, Receipt, Result
from schemas.evidence import Reason
from schemas.incidents import Incident
from schemas.topics import ALERTS, INCIDENTS, NOTIFICATIONS, RECEIPTS, Topic
from schemas.vocabulary import AlertKind, Level, ReasonGroup
from tests.support.alerts import HOUR_START_MS, MINUTE, alert
from tests.support.cluster import until
from tests.support.disruptions import WORKER
from tests.support.kafka import Kafka
from tests.support.topics import Sent, read_topics, write_records
from tests.support.town import DELIVER, Town, ticking
from tests.support.vendors import fake_vendor

pytestmark = pytest.mark.e2e

STORM = 5_000
HIGH = 40
REGIONS = sorted(PROVINCES)
GROUPS = list(ReasonGroup)
PACE = 18  # of a robot of DingTalk in a minute
ONCALL = """
allow_private_hosts: [127.0.0.1]
channels:
  robot: {kind: dingtalk, url: env:FAKE_ROBOT, secret: env:FAKE_SECRET}
  hook: {kind: webhook, url: env:FAKE_HOOK, secret: env:FAKE_SECRET, per_minute: 6000}
chains:
  all: {steps: [{tell: ["channel:robot"]}]}
routes:
  - {chain: none, kinds: [rate]}
  - {chain: all, group_wait: 2s}
fallback_channel: hook
"""


def storm(now_ms: int) -> list[Alert]:
    """Conversations of all kinds in all regions, surges, and rates that are only recorded."""
    found = []
    for number in range(STORM):
        region = REGIONS[number % len(REGIONS)]
        fields = {"region": region, "reasons": (Reason(l1=GROUPS[number % len(GROUPS)], l2="x"),)}
        if number < HIGH:
            fields |= {"level": Level.HIGH_RISK, "conversation_id": f"c{number}"}
        elif number < 100:  # a worker that was away for a while: what is not urgent may be told in a digest at once
            fields |= {"kind": AlertKind.SURGE, "fingerprint": f"surge:{region}", "level": Level.POTENTIAL}
            fields["emitted_at"] = now_ms - 6 * MINUTE
        elif number < 150:
            fields |= {"kind": AlertKind.RATE, "fingerprint": f"rate:{region}"}
        elif number % 10 == 0:
            fields |= {"level": Level.POTENTIAL}
        at_ms = now_ms + number % 1_000 - HOUR_START_MS
        found.append(alert(number, at_ms, **fields))
    return found


async def write(town: Town, alerts: list[Alert]) -> None:
    """As the stages before would: all of a region in one partition."""
    sent = []
    for each in alerts:
        body, headers = codec.encode_record(each)
        partition = REGIONS.index(each.region) % town.settings.partitions
        topic = town.settings.topic_prefix + ALERTS.name
        sent.append(Sent(topic, partition, each.region.encode(), body, each.emitted_at, tuple(headers)))
    await write_records(town.kafka.bootstrap, sent)


class Account:
    """Where each alert of the storm is."""

    def __init__(self, records: list[Wire]) -> None:
        self.incidents = {each.incident_id: each for each in records if isinstance(each, Incident)}
        self.notices = {each.notification_id: each for each in records if isinstance(each, Notification)}
        self.receipts = [each for each in records if isinstance(each, Receipt)]
        self.final = {each.notification_id: each for each in self.receipts if each.result in FINAL}
        self.untold = [each for each in self.receipts if each.reason is Outcome.NO_INCIDENT]

    @property
    def alerts(self) -> int:
        """Alerts in incidents, and those that have none."""
        return sum(each.count for each in self.incidents.values()) + len(self.untold)

    @property
    def open_ends(self) -> list[str]:
        """Notifications without an end, and incidents of which nobody was told and nothing says why."""
        ends = {each.incident_id for each in self.receipts if self.has_ended(each)}
        waiting = [name for name in self.notices if name not in self.final]
        return waiting + [name for name in self.incidents if name not in ends]

    def has_ended(self, receipt: Receipt) -> bool:
        """Whether somebody was told, or is not told on purpose; what went another way ends there."""
        return receipt.result in {Result.SENT, Result.BUNDLED, Result.SUPPRESSED}

    @property
    def lost(self) -> list[str]:
        """Notifications that failed and did not go on another way."""
        failed = [name for name, each in self.final.items() if each.result is Result.FAILED_PERM]
        return [name for name in failed if diverted(self.notices[name], now_ms=0).notification_id not in self.notices]


async def account(town: Town) -> Account:
    """The account as it stands."""
    topics: dict[str, Topic] = {
        town.settings.topic_prefix + each.name: each for each in (INCIDENTS, NOTIFICATIONS, RECEIPTS)
    }
    records: list[Wire] = []
    for (name, partition), held in (await read_topics(town.kafka.bootstrap, topics)).items():
        records += codec.decode_batch(topics[name], held, partition).events
    return Account(records)


async def settled(town: Town) -> Account | None:
    """The account, once every alert is in it and nothing waits."""
    found = await account(town)
    return found if found.alerts >= STORM and not found.open_ends else None


async def test_every_alert_of_a_storm_is_accounted_for(kafka: Kafka, tmp_path: Path) -> None:
    """5,000 at once: the robot is never sent more than it takes, high risk arrives in time, and the sum is right."""
    async with fake_vendor() as vendor:
        town = Town(kafka, tmp_path, vendor, ONCALL)
        await ensure_topics(town.settings)
        robot_at: list[float] = []
        answer = vendor.answering
        vendor.answering = lambda seen: (
            (robot_at.append(time.monotonic()) if seen.path == "/robot/send" else None) or answer(seen)
        )
        with town.processes("worker", WORKER) as workers, town.processes("deliver", DELIVER) as delivery:
            workers.scale(1)
            delivery.scale(1)
            try:
                await until(lambda: ticking(town), "a worker that ticks")
                alerts = storm(time.time_ns() // 1_000_000)
                await write(town, alerts)
                await vendor.has_seen(HIGH)
                await town.passes(SETTLING_MS + 15_000)
                found = await until(lambda: settled(town), "every alert is accounted for")
            except (AssertionError, TimeoutError) as error:
                stands = await account(town)
                raise AssertionError(
                    f"{error}\n{stands.alerts} alerts, {len(stands.open_ends)} open ends, "
                    f"{Counter((each.result, each.reason) for each in stands.receipts)}\n"
                    f"{workers.logs()}\n{delivery.logs()}"
                ) from error
    assert found.alerts == STORM
    assert found.lost == []
    check_that_nobody_is_flooded(robot_at)
    check_what_became_of_it(found, alerts)


def check_that_nobody_is_flooded(robot_at: list[float]) -> None:
    """No minute has more messages than the robot takes."""
    assert all(later - first > 60 for first, later in zip(robot_at, robot_at[PACE:], strict=False))


def check_what_became_of_it(found: Account, alerts: list[Alert]) -> None:
    """Each high risk was told by itself within a minute; the rest together; what nobody heard says why."""
    results = Counter(each.result for each in found.final.values())
    reasons = Counter(each.reason for each in found.receipts if each.result is Result.SUPPRESSED)
    assert set(reasons) == {Outcome.NO_INCIDENT, Outcome.RECORD_ONLY, Outcome.INHIBITED}
    high = {each.incident_id for each in found.incidents.values() if each.level is Level.HIGH_RISK}
    assert len(high) == HIGH
    told = {each.incident_id: each for each in found.final.values() if each.result is Result.SENT}
    assert high <= set(told)
    said_at = min(each.emitted_at for each in alerts if each.level is Level.HIGH_RISK)
    assert all(told[each].at - said_at < MINUTE for each in high)
    assert results[Result.BUNDLED] > 50
    assert len({each.bundle_id for each in found.receipts if each.bundle_id}) < PACE
