"""What an office makes of the records it reads: to a desk, no to it at once, or nothing where it was done before."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from agents.channels.base import Judgement, Message
from agents.deliver.invitations import invites_nobody
from agents.deliver.memory import Cards, Finished, Remembered
from agents.deliver.metrics import DeliveryFamilies
from agents.deliver.office import Office
from agents.deliver.taking import NotTaken, not_taken
from agents.engine.connection import Connection
from pipeline.incidents.load import parse_oncall
from pipeline.times import MINUTE_MS
from schemas import codec
from schemas.base import Wire
from schemas.deliveries import BudgetClass, Notification, Outcome, Receipt, Receiver, Result
from schemas.topics import Topic
from tests.support.deliveries import notice

ONCALL = parse_oncall(
    "oncall.yaml",
    b"""
pages_per_hour: 7
channels:
  robot: {kind: dingtalk, url: env:ROBOT, per_month: 5000}
  pager: {kind: pagerduty, routing_key: env:ROUTING}
  mail: {kind: email, host: mail.example.com, sender: a@example.com}
people:
  duty-1: {contacts: {robot: "13800000000", mail: duty@example.com}}
  duty-2: {contacts: {mail: second@example.com}, drills: "yes"}
chains: {}
routes: []
""",
)


class Recorded(Office):
    """An office that keeps what it would write; its channels take everything."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.written: list[Wire] = []
        self.memories: dict[int, Remembered] = {}
        super().__init__(
            Connection(bootstrap="127.0.0.1:1", application_id="test"),
            ONCALL,
            dict.fromkeys(ONCALL.channels, self),
            observe=DeliveryFamilies(CollectorRegistry(), ONCALL.channels).observe,
            invite=invites_nobody,
        )
        self._offsets = itertools.count()
        self._positions.begin(0)
        self._finished[0] = Finished(frozenset({"n0"}))

    async def send(self, message: Message, *, now_ms: int) -> Judgement:
        """The channel."""
        self.messages.append(message)
        return Judgement(Outcome.ACCEPTED, "0")

    async def _remember(self, partitions: list[int]) -> dict[int, Remembered]:
        return {partition: self.memories[partition] for partition in partitions}

    async def _send(self, topic: Topic, key: str, value: Wire, *, partition: int | None = None) -> None:
        codec.encode_record(value)
        self.written.append(value)

    async def take(self, *notifications: Notification) -> None:
        """Read some records, one after the other, and let the desks work."""
        for notification in notifications:
            await self._take(0, next(self._offsets), notification)
            tasks = [asyncio.create_task(desk.work()) for desk in self.desks.values()]
            for _ in range(50):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def receipts(self) -> list[tuple[str, Result, str]]:
        """Notification, result and vendor's code of each receipt."""
        return [(each.notification_id, each.result, each.vendor_code) for each in self.written if type(each) is Receipt]

    @property
    def open_count(self) -> int:
        """How many records hold the position back."""
        return len(list(self._positions.end(0)))


@asynccontextmanager
async def an_office() -> AsyncIterator[Recorded]:
    """One that never speaks to a broker."""
    office = Recorded()
    try:
        yield office
    finally:
        await office._consumer.stop()
        await office._producer.stop()


async def test_a_record_that_comes_twice_is_sent_once():
    """Whether it was finished before we began or since; another is sent."""
    async with an_office() as office:
        await office.take(notice(0), notice(1), notice(1), notice(2), notice(1), notice(2))
        assert [each.notification_id for each in office.messages] == ["n1", "n2"]
        assert office.open_count == 0


async def test_what_was_told_in_a_bundle_is_not_told_again():
    """A bundle finishes each that it names."""
    async with an_office() as office:
        old = [notice(number, budget_class=BudgetClass.DIGEST, emitted_at=MINUTE_MS) for number in (1, 2, 3)]
        for each in old:
            await office._take(0, next(office._offsets), each)
        await office.take(notice(4), *old)
        assert len(office.messages) == 2
        assert [each.result for each in office.written].count(Result.BUNDLED) == 3


@pytest.mark.parametrize(
    ("channel", "to", "sent_to"),
    [
        pytest.param("robot", "duty-1", ["13800000000"], id="a person by the own address"),
        pytest.param("robot", "group", [""], id="the whole group, because it was meant"),
        pytest.param("robot", "duty-2", [], id="no contact there"),
        pytest.param("robot", "stranger", [], id="nobody of the file"),
    ],
)
async def test_a_person_without_a_contact_is_not_the_whole_group(channel, to, sent_to):
    """An empty address would tell everybody, and mention nobody; it is said that nobody was told."""
    async with an_office() as office:
        await office.take(notice(1, channel=channel, to=to))
        assert [each.to for each in office.messages] == sent_to
        if not sent_to:
            assert office.receipts == [("n1", Result.FAILED_PERM, "no contact")]
        assert office.open_count == 0


async def test_without_a_contact_it_goes_another_way():
    """The next way is written before the receipt, and once, however often the record comes."""
    async with an_office() as office:
        one = notice(1, to="duty-2", alternatives=(Receiver(channel="mail", to="duty-2"),))
        await office.take(one, one)
        away, receipt = office.written
        assert (away.notification_id, away.channel, away.to) == ("via:n1:mail:duty-2", "mail", "duty-2")
        assert (receipt.result, receipt.vendor_code) == (Result.FAILED_PERM, "no contact")
        await office.take(away)
        assert [each.to for each in office.messages] == ["second@example.com"]


async def test_a_desk_knows_whether_a_machine_reads_what_it_sends():
    """It tells each incident by itself, though several digests wait."""
    async with an_office() as office:
        assert {name: desk.kind for name, desk in office.desks.items()} == {
            name: spec.kind for name, spec in ONCALL.channels.items()
        }
        for number in (1, 2):
            over = notice(number, channel="pager", to="group", budget_class=BudgetClass.DIGEST)
            await office._take(0, next(office._offsets), over)
        await office.take(notice(3))
        assert sorted(each.notification_id for each in office.messages) == ["n1", "n2", "n3"]


def memory(sent_at_ms: dict[str, list[int]], cards: dict[str, str], *finished: str) -> Remembered:
    """What receipts told: when each channel sent, and the card of the first incident in each channel."""
    of_channels = {}
    for channel, ref in cards.items():
        of_channels[channel] = Cards()
        of_channels[channel].put("i1", "duty-1", ref)
    return Remembered(frozenset(finished), sent_at_ms, of_channels)


async def test_who_takes_over_knows_what_was_sent_before():
    """Each desk keeps its pace and its cards over a restart; a channel that our file does not name is passed over."""
    async with an_office() as office:
        office.desks["robot"].sent_at_ms = [20]
        office.memories = {
            0: memory({"robot": [10, 20], "mail": [15], "gone": [1]}, {"robot": "card-1", "gone": "card-0"}, "n1"),
            1: memory({"robot": [5, 30]}, {"mail": "card-2"}),
        }
        assert not office.state().is_loaded
        await office.take_over([0, 1])
        assert office.state().is_loaded
        assert {name: desk.sent_at_ms for name, desk in office.desks.items()} == {
            "robot": [5, 10, 20, 30],
            "mail": [15],
            "pager": [],
        }
        assert {name: desk.cards.get("i1", "duty-1") for name, desk in office.desks.items()} == {
            "robot": "card-1",
            "mail": "card-2",
            "pager": "",
        }
        await office.take(notice(1), notice(2))
        assert [each.notification_id for each in office.messages] == ["n2"]


async def test_what_was_given_up_is_not_sent():
    """What waits is the next owner's, on every desk; what waits from another partition stays."""
    async with an_office() as office:
        office.memories = {partition: memory({}, {}) for partition in (0, 1)}
        await office.take_over([0, 1])
        for partition, number, channel in ((0, 1, "robot"), (0, 2, "mail"), (1, 3, "robot")):
            await office._take(partition, number, notice(number, channel=channel))
        await office.give_up([0])
        assert set(office._finished) == {1}  # what is read meanwhile waits until the partition is ours again
        assert [list(desk.waiting) for desk in office.desks.values()] == [["n3"], [], []]
        await office.take_over([0])
        await office.take(notice(4))
        assert sorted(each.notification_id for each in office.messages) == ["n3", "n4"]


async def test_a_desk_keeps_to_what_the_file_allows():
    """Messages an hour to one person on every desk, and what a vendor's edition allows on its own."""
    async with an_office() as office:
        assert {desk.pages_per_hour for desk in office.desks.values()} == {7}
        assert {name: desk.per_month for name, desk in office.desks.items()} == {
            "robot": 5000,
            "pager": None,
            "mail": None,
        }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({}, None, id="taken"),
        pytest.param({"channel": "nowhere"}, NotTaken.UNKNOWN_CHANNEL, id="a channel that our file does not name"),
        pytest.param({"test": "d1"}, NotTaken.NOT_FOR_DRILLS, id="a drill for who is not marked"),
        pytest.param({"test": "d1", "channel": "mail", "to": "duty-2"}, None, id="a drill for who is"),
        pytest.param({"to": "duty-2"}, NotTaken.NO_CONTACT, id="a person who is not there"),
        pytest.param({"to": "group"}, None, id="a group"),
    ],
)
def test_why_a_record_goes_to_no_desk(changes, why):
    """Each reason has its name."""
    assert not_taken(notice(1, **changes), ONCALL) is why


def test_of_too_many_finished_the_oldest_is_forgotten(monkeypatch):
    """What receipts told at the beginning stays."""
    monkeypatch.setattr("agents.deliver.memory.FINISHED_MAX", 2)
    finished = Finished(frozenset({"n0"}))
    for name in ("n1", "n2", "n2", "n3"):
        finished.add(name)
    assert [name in finished for name in ("n0", "n1", "n2", "n3")] == [True, False, True, True]
