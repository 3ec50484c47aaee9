"""A desk: one channel, its queue, its pace, its failures; with a clock that the test moves."""

import asyncio
import dataclasses
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from agents.channels import pagerduty
from agents.channels.base import Judgement, Message
from agents.deliver.desk import Desk, Line
from agents.deliver.invitations import Invited
from agents.deliver.memory import remembered
from agents.deliver.metrics import DeskCollector
from agents.deliver.paged import Paged
from agents.deliver.positions import Positions
from pipeline.deliveries.pace import Bucket, Pace
from pipeline.times import MINUTE_MS
from schemas.cards import Button, Card
from schemas.deliveries import BudgetClass, Notification, Outcome, Receipt, Receiver, Result
from tests.support.deliveries import notice as notice_for_ever

NOW = 1_767_225_600_000
OK = Judgement(Outcome.ACCEPTED, "0")


def notice(number: int, **changes: object) -> Notification:
    """A notification that is news for an hour."""
    return notice_for_ever(number, **{"not_after": NOW + 60 * MINUTE_MS, "emitted_at": NOW} | changes)


@dataclass
class Room:
    """A desk with its surroundings."""

    judgements: list[Judgement | Exception] = field(default_factory=list)
    now_ms: int = NOW
    messages: list[Message] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    published: list[Notification] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)  # until it is set, the vendor thinks

    def __post_init__(self) -> None:
        """The vendor answers at once."""
        self.answers.set()

    def desk(self, pace: Pace | None = None) -> Desk:
        """The desk of a channel that answers what the test says, then accepts."""
        line = Line(self._receipt, self._publish, lambda each: self.finished.append(each.notification_id), self._clock)
        return Desk("robot", self, pace or Pace(), {"duty-1": "138", "group": ""}.__getitem__, line)

    async def send(self, message: Message, *, now_ms: int) -> Judgement:
        """The channel."""
        self.messages.append(message)
        await self.answers.wait()
        judgement = self.judgements.pop(0) if self.judgements else OK
        if isinstance(judgement, Exception):
            raise judgement
        return judgement

    async def settled(self, desk: Desk) -> None:
        """Let the desk work until it waits."""
        task = asyncio.create_task(desk.work())
        for _ in range(200):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def _clock(self) -> int:
        return self.now_ms

    async def _receipt(self, receipt: Receipt, channel: str) -> None:
        assert channel == "robot"
        self.receipts.append(receipt)

    async def _publish(self, notification: Notification) -> None:
        self.published.append(notification)

    @property
    def results(self) -> list[tuple[str, str, str]]:
        """Notification, result and vendor's code of each receipt."""
        return [(each.notification_id, each.result.value, each.vendor_code) for each in self.receipts]


async def test_what_is_taken_has_its_receipt():
    """Sent to the person's own address; finished only after the receipt."""
    room = Room()
    desk = room.desk()
    desk.put(notice(1))
    desk.put(notice(1))
    await room.settled(desk)
    assert [(each.notification_id, each.to) for each in room.messages] == [("n1", "138")]
    assert room.results == [("n1", "sent", "0")]
    assert room.finished == ["n1"]


async def test_a_failure_is_tried_again_when_it_is_time():
    """Not before; each attempt has its receipt."""
    room = Room([Judgement(Outcome.UNREACHABLE, "timeout")])
    desk = room.desk()
    desk.put(notice(1))
    await room.settled(desk)
    assert room.results == [("n1", "failed_temp", "timeout")]
    room.now_ms += 1_000
    await room.settled(desk)
    assert room.results[1:] == [("n1", "sent", "0")]
    assert [each.attempt for each in room.receipts] == [1, 2]


@pytest.mark.parametrize(
    ("answers", "failures", "shut_for_ms"),
    [
        pytest.param("xx", 2, 0, id="two failures in a row"),
        pytest.param("xxx", 3, 30_000, id="three"),
        pytest.param("xx.x", 1, 0, id="one that was taken begins the count anew"),
        pytest.param("xx.xxx", 3, 30_000, id="three after it"),
    ],
)
async def test_a_channel_that_fails_three_times_in_a_row_rests(answers, failures, shut_for_ms):
    """For half a minute nothing is tried there, whoever it is for."""
    judgements = {"x": Judgement(Outcome.UNREACHABLE, "timeout"), ".": OK}
    room = Room([judgements[each] for each in answers])
    desk = room.desk()
    for number in range(len(answers)):
        desk.put(notice(number))
        await room.settled(desk)
        desk.drop(f"n{number}")  # what is to be tried again would come first
    assert len(room.messages) == len(answers)
    assert desk.failures == failures
    assert max(desk.shut_until_ms - room.now_ms, 0) == shut_for_ms


async def test_a_refusal_goes_another_way():
    """The next way is published before the receipt says that this one is over."""
    room = Room([Judgement(Outcome.UNAUTHORISED, "310000")])
    desk = room.desk()
    desk.put(notice(1, alternatives=(Receiver(channel="sms", to="duty-1"),)))
    await room.settled(desk)
    assert [each.channel for each in room.published] == ["sms"]
    assert room.results == [("n1", "failed_perm", "310000")]
    assert desk.shut_until_ms > room.now_ms


async def test_a_channel_that_breaks_is_as_one_that_does_not_answer():
    """The desk works on: it is tried again, its log line has no text, which may hold an address."""
    room = Room([TypeError("https://robot.example/send?access_token=S3cretPart"), OK, OK])
    desk = room.desk()
    desk.put(notice(1))
    with capture_logs() as logs:
        await room.settled(desk)
    assert room.results == [("n1", "failed_temp", "error")]
    assert [each["error"] for each in logs if each["event"] == "attempt_failed"] == ["TypeError"]
    assert "S3cretPart" not in repr(logs)
    desk.put(notice(2))
    room.now_ms += 1_000
    await room.settled(desk)
    assert sorted(room.finished) == ["n1", "n2"]


async def test_a_message_that_cannot_be_made_goes_another_way():
    """It holds up none of the others."""
    room = Room()
    desk = room.desk()
    odd = notice(
        1, to="stranger", budget_class=BudgetClass.RESERVED, alternatives=(Receiver(channel="sms", to="duty-1"),)
    )
    for each in (odd, notice(2)):
        desk.put(each)
    for _ in range(3):
        await room.settled(desk)
        room.now_ms += 1_000
    assert [each.notification_id for each in room.published] == ["via:n1:sms:duty-1"]
    assert [each.notification_id for each in room.messages] == ["n2"]


async def test_the_gravest_leaves_a_vendor_that_asks_for_an_hour():
    """By its first answer: another way is there."""
    room = Room([Judgement(Outcome.UNREACHABLE, "http 503", timedelta(hours=1))])
    desk = room.desk()
    desk.put(notice(1, budget_class=BudgetClass.RESERVED, alternatives=(Receiver(channel="sms", to="duty-1"),)))
    await room.settled(desk)
    assert [each.channel for each in room.published] == ["sms"]
    assert room.results == [("n1", "failed_perm", "http 503")]


async def test_what_is_over_is_over_at_pagerduty_one_by_one():
    """Each incident is resolved under its own key; a bundle would open another one."""
    room = Room()
    desk = room.desk()
    desk.kind = "pagerduty"
    for number in (1, 2):
        over = Card(title="over", is_over=True)
        desk.put(notice(number, to="group", budget_class=BudgetClass.DIGEST, card=over))
    room.now_ms += 5 * MINUTE_MS
    await room.settled(desk)
    assert [pagerduty.event(each) for each in room.messages] == [
        {"event_action": "resolve", "dedup_key": f"i{number}"} for number in (1, 2)
    ]
    assert {each.result for each in room.receipts} == {Result.SENT}


@pytest.mark.parametrize(
    ("answer", "under_way"),
    [
        pytest.param(None, ["n0"], id="nothing was taken yet"),
        pytest.param(OK, ["n0", "n2", "n4", "n6"], id="of each incident the first"),
        pytest.param(Judgement(Outcome.UNREACHABLE, "timeout"), ["n0"], id="a failure is looked into alone"),
    ],
)
async def test_how_many_are_under_way(answer, under_way):
    """Several while a vendor accepts, so that nobody waits for another's answer; else one finds out how it is."""
    room = Room([answer])
    desk = room.desk()
    if answer is not None:
        desk.put(notice(99))
        await room.settled(desk)
    room.messages.clear()
    room.answers.clear()
    for number in range(10):
        desk.put(notice(number, to="group", incident_id=f"i{number // 2}"))
    await room.settled(desk)
    assert [each.notification_id for each in room.messages] == under_way


async def test_no_minute_has_more_than_the_pace_allows():
    """What was sent counts, and what the vendor refused too; the next goes when the first is a minute old."""
    room = Room([OK, Judgement(Outcome.REFUSED, "40058")])
    desk = room.desk(Pace((Bucket(2, MINUTE_MS),)))
    for number in range(3):
        desk.put(notice(number, budget_class=BudgetClass.RESERVED))
    await room.settled(desk)
    assert [each.notification_id for each in room.messages] == ["n0", "n1"]
    room.now_ms += MINUTE_MS - 1
    await room.settled(desk)
    assert len(room.messages) == 2
    room.now_ms += 1
    await room.settled(desk)
    assert len(room.messages) == 3


async def test_a_storm_is_told_in_bundles():
    """Eighteen a minute take five hundred: each is sent, or named in a bundle, and none is lost."""
    room = Room()
    desk = room.desk(Pace((Bucket(18, MINUTE_MS),)))
    for number in range(500):
        desk.put(notice(number))
    for _ in range(4):
        await room.settled(desk)
        room.now_ms += MINUTE_MS
    assert sorted(room.finished) == sorted(f"n{number}" for number in range(500))
    assert len(room.messages) <= 3 * 18
    bundles = {each.bundle_id for each in room.receipts if each.result is Result.BUNDLED}
    assert bundles == {each.notification_id for each in room.messages if each.notification_id.startswith("bundle")}


async def test_when_dingtalk_mutes_us_the_gravest_goes_another_way():
    """130101 shuts the robot for ten minutes; what is reserved is diverted at once, the rest waits."""
    room = Room([Judgement(Outcome.RATE_LIMITED, "130101")])
    desk = room.desk()
    away = (Receiver(channel="sms", to="duty-1"),)
    desk.put(notice(1, budget_class=BudgetClass.RESERVED, alternatives=away))
    desk.put(notice(2, budget_class=BudgetClass.RESERVED, alternatives=away))
    desk.put(notice(3))
    await room.settled(desk)
    assert [each.notification_id for each in room.published] == ["via:n1:sms:duty-1", "via:n2:sms:duty-1"]
    assert list(desk.waiting) == ["n3"]
    assert len(room.messages) == 1


async def test_what_is_no_news_is_not_sent():
    """It expires, and that is said."""
    room = Room()
    desk = room.desk()
    desk.put(notice(1, not_after=NOW))
    await room.settled(desk)
    assert room.results == [("n1", "expired", "")]
    assert room.messages == []


def test_a_position_waits_for_the_oldest_that_is_open():
    """Later ones may be finished before; only then is it moved past them."""
    positions = Positions()
    positions.begin(0)
    for offset in (5, 6, 7):
        positions.read(0, offset, f"n{offset}")
    positions.finish("n6")
    assert positions.next_offsets() == {0: 5}
    positions.finish("n5")
    assert positions.next_offsets() == {0: 7}
    positions.finish("n7")
    assert positions.next_offsets() == {0: 8}
    assert list(positions.end(0)) == []
    assert positions.next_offsets() == {}


def test_nothing_read_is_nothing_to_commit():
    """A partition that was just taken over has no position of ours."""
    positions = Positions()
    positions.begin(3)
    assert positions.next_offsets() == {}


@pytest.mark.parametrize(
    ("result", "is_finished"),
    [(Result.SENT, True), (Result.FAILED_PERM, True), (Result.BUNDLED, True), (Result.FAILED_TEMP, False)],
)
def test_receipts_are_the_memory(result, is_finished):
    """What is finished is not sent again; whatever reached the vendor counts against its pace, a bundle once."""
    receipts = [
        Receipt(
            notification_id=f"n{number}", result=result, reason=Outcome.ACCEPTED, attempt=1, latency_ms=1, at=NOW,
            channel="robot", bundle_id="b1" if result is Result.BUNDLED else "",
        )
        for number in range(3)
    ]  # fmt: skip
    memory = remembered(receipts)
    assert bool(memory.finished) is is_finished
    assert len(memory.sent_at_ms["robot"]) == (1 if result is Result.BUNDLED else 3)


async def test_a_single_notification_has_buttons_and_a_bundle_has_none():
    """A button means one incident; who reads five at once goes to the board."""
    room = Room()
    desk = room.desk()
    invited = Invited((Button(label="确认", url="https://a.example/a/1"),))
    desk.line = dataclasses.replace(desk.line, invite=lambda _: invited)
    desk.put(notice(1))
    await room.settled(desk)
    assert room.messages[0].card.buttons == invited.buttons
    crowded = room.desk(Pace((Bucket(2, MINUTE_MS),)))
    crowded.line = desk.line
    for number in range(2, 8):
        crowded.put(notice(number))
    await room.settled(crowded)
    bundles = [each for each in room.messages if each.notification_id.startswith("bundle")]
    assert bundles
    assert all(each.card.buttons == () for each in bundles)


async def test_a_person_is_paged_so_often_and_no_more():
    """Two pages an hour: of five the first two go alone or together, the rest an hour later in one message."""
    room = Room()
    desk = room.desk()
    desk.pages_per_hour = 2
    for number in range(5):
        desk.put(notice(number, not_after=NOW + 300 * MINUTE_MS))
        await room.settled(desk)
    assert [each.notification_id for each in room.messages] == ["n0", "n1"]
    room.now_ms += 60 * MINUTE_MS
    await room.settled(desk)
    assert len(room.messages) == 3
    assert sorted(room.finished) == [f"n{number}" for number in range(5)]


async def test_pages_count_over_all_channels():
    """Two desks of one ledger: what somebody was told by the one, the other does not tell once more."""
    room = Room()
    one, other = room.desk(), room.desk()
    other.paged = one.paged
    one.pages_per_hour = other.pages_per_hour = 3
    for number in range(2):
        for desk in (one, other):
            desk.put(notice(2 * number + (desk is one), not_after=NOW + 300 * MINUTE_MS))
            await room.settled(desk)
    assert len(room.messages) == 3
    room.now_ms += 60 * MINUTE_MS
    await room.settled(other)
    assert len(room.messages) == 4


async def test_receipts_tell_the_pages_of_every_process():
    """By person: a bundle once, each attempt once, a group never, a card drawn anew neither; and nothing twice."""
    room = Room([Judgement(Outcome.UNREACHABLE, "timeout"), OK, NAMED])
    desk = room.desk()
    late = NOW + 300 * MINUTE_MS
    for each in (notice(1, not_after=late), notice(2, to="group"), notice(3), redraw(3)):
        desk.put(each)
        await room.settled(desk)
    early = Paged()
    for receipt in room.receipts:
        early.take(receipt)
    assert early.at_ms() == desk.paged.at_ms() == {"duty-1": [NOW, NOW]}
    room.now_ms += 1_000
    desk.pages_per_hour = 1  # none is left: what comes now waits, and is told together
    for number in (4, 5):
        desk.put(notice(number, not_after=late))
    await room.settled(desk)
    room.now_ms += 60 * MINUTE_MS
    await room.settled(desk)
    elsewhere, own = Paged(), desk.paged.at_ms()
    for receipt in [*room.receipts, *room.receipts]:
        elsewhere.take(receipt)
        desk.paged.take(receipt)
    assert {each.result for each in room.receipts} >= {Result.FAILED_TEMP, Result.BUNDLED, Result.SENT}
    assert elsewhere.at_ms() == own == desk.paged.at_ms()
    assert elsewhere.at_ms().keys() == {"duty-1"}


def redraw(number: int, **changes: object) -> Notification:
    """The card of incident `number` is to be drawn anew."""
    fields = {"notification_id": f"r{number}", "incident_id": f"i{number}", "redraws": True}
    return notice(number, **fields | changes)


NAMED = Judgement(Outcome.ACCEPTED, "0", card_ref="om_1")


async def test_a_card_is_drawn_anew_under_its_name():
    """As often as the vendor names it; it is no page, and its receipt says so much."""
    room = Room([NAMED, NAMED, OK])
    desk = room.desk()
    for each in (notice(1), redraw(1), redraw(1, notification_id="r2"), redraw(1, notification_id="r3")):
        desk.put(each)
        await room.settled(desk)
    assert [each.redraws for each in room.messages] == ["", "om_1", "om_1"]
    assert [each.card_ref for each in room.receipts] == ["om_1", "om_1", "", ""]
    assert [each.reason for each in room.receipts][3:] == [Outcome.NO_CARD]
    assert room.finished == ["n1", "r1", "r2", "r3"]
    assert len(desk.paged.at_ms()["duty-1"]) == 1


async def test_a_press_lets_a_card_be_drawn_and_spares_its_name():
    """WeCom gives a code with the card and one with each press, each good for once: none is lost, nor by a restart."""
    room = Room([NAMED, OK, OK, OK])
    desk = room.desk()
    by_press = (redraw(1, card_ref="rc_1"), redraw(1, notification_id="r2", card_ref="rc_2"))
    for each in (notice(1), *by_press):
        desk.put(each)
        await room.settled(desk)
    assert dict(remembered(room.receipts).cards["robot"]) == {("i1", "duty-1"): "om_1"}
    for name in ("r3", "r4"):
        desk.put(redraw(1, notification_id=name))
        await room.settled(desk)
    assert [each.redraws for each in room.messages] == ["", "rc_1", "rc_2", "om_1"]
    assert room.receipts[-1].reason is Outcome.NO_CARD


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(redraw(2), id="another incident"),
        pytest.param(redraw(1, to="duty-2"), id="another receiver"),
    ],
)
async def test_a_card_that_stands_nowhere_is_not_drawn(other):
    """The vendor is not asked; the receipt says why, and it is no failure."""
    room = Room([NAMED])
    desk = room.desk()
    desk.put(notice(1))
    await room.settled(desk)
    desk.put(other)
    await room.settled(desk)
    assert len(room.messages) == 1
    assert (room.receipts[-1].result, room.receipts[-1].reason) == (Result.SUPPRESSED, Outcome.NO_CARD)
    assert room.finished[-1] == other.notification_id


async def test_a_card_is_drawn_anew_before_a_newer_one_is_sent():
    """Though the news is graver: else the new card would be drawn over, and the old one stay as it was."""
    room = Room([NAMED])
    desk = room.desk()
    desk.put(notice(1))
    desk.put(redraw(1))
    desk.put(notice(3, incident_id="i1", budget_class=BudgetClass.RESERVED))
    await room.settled(desk)
    assert [each.notification_id for each in room.messages] == ["n1", "r1", "n3"]


async def test_a_redraw_that_fails_holds_no_news_up():
    """The vendor does not answer to it: the news goes, and it is tried again in its time."""
    room = Room([NAMED, Judgement(Outcome.UNREACHABLE, "timeout")])
    desk = room.desk()
    for each in (notice(1), redraw(1), notice(3, incident_id="i1")):
        desk.put(each)
    await room.settled(desk)
    assert room.finished == ["n1", "n3"]
    assert list(desk.waiting) == ["r1"]


@pytest.mark.parametrize(
    "answer",
    [Judgement(Outcome.UNAUTHORISED, "http 403"), Judgement(Outcome.UNREACHABLE, "http 500")],
    ids=lambda judgement: judgement.vendor_code,
)
async def test_a_card_that_cannot_be_changed_shuts_no_channel(answer):
    """However often: news goes on, several at once as before."""
    room = Room([NAMED, answer, answer, answer])
    desk = room.desk()
    desk.put(notice(1))
    await room.settled(desk)
    for number in range(3):
        desk.put(redraw(1, notification_id=f"r{number}"))
        await room.settled(desk)
        room.now_ms += 10_000
    assert (desk.shut_until_ms, desk.failures, desk.is_accepting) == (0, 0, True)


async def test_cards_are_remembered_over_a_restart():
    """By channel, incident and receiver: what was named last."""
    room = Room([NAMED, NAMED._replace(card_ref="om_2"), NAMED, OK])
    desk = room.desk()
    for each in (notice(1), notice(2), notice(3), redraw(3)):
        desk.put(each)
        await room.settled(desk)
    cards = remembered(room.receipts).cards["robot"]
    assert dict(cards) == {("i1", "duty-1"): "om_1", ("i2", "duty-1"): "om_2"}


async def test_what_a_channel_may_still_be_sent_is_shown():
    """Of twenty a minute, and of the month that its edition allows; nothing while it is shut."""
    room = Room()
    paced, free = room.desk(Pace((Bucket(20, MINUTE_MS),))), room.desk()
    paced.per_month = 5_000
    for number in range(3):
        paced.put(notice(number, incident_id=f"i{number}"))
    await room.settled(paced)
    registry = CollectorRegistry()
    registry.register(DeskCollector(lambda: {"robot": paced, "console": free}, lambda: room.now_ms))
    assert registry.get_sample_value("tocsin_channel_budget_remaining", {"channel": "robot"}) == 17
    assert registry.get_sample_value("tocsin_channel_budget_remaining", {"channel": "console"}) is None
    assert registry.get_sample_value("tocsin_channel_month_quota", {"channel": "robot"}) == 5_000
    assert registry.get_sample_value("tocsin_channel_month_quota", {"channel": "console"}) is None
    paced.shut_until_ms = room.now_ms + 1
    assert registry.get_sample_value("tocsin_channel_budget_remaining", {"channel": "robot"}) == 0
