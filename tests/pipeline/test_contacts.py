"""Contacts over all channels: who has come before, what it came to, and that it is forgotten after 72 hours."""

import pytest
from msgspec.structs import replace

from agents.stages.conversations import conversations_stage
from agents.stages.customers import CUSTOMERS
from pipeline.contacts import MAX_CONTACTS, NAMED, REMEMBERED_MS, Customer, fold
from pipeline.kpis.tallies import is_tally
from pipeline.rows import Store, encode_row
from pipeline.runner import Incoming, Runner
from pipeline.stage import Batch
from pipeline.times import DAY_MS as DAY
from schemas import codec
from schemas.calls import Direction
from schemas.chats import ChatChannel
from schemas.codec import Record
from schemas.contacts import Contact
from schemas.kpis import Kpi
from schemas.ticks import Tick
from schemas.topics import CONTACTS, CONTEXTS, MESSAGES, TICKS, UTTERANCES
from schemas.vocabulary import ChannelClass, Level
from tests.support.conversations import (
    COMPLAINS,
    DISPLEASED,
    HOUR,
    MINUTE,
    NOON_MS,
    SECOND,
    by_heart,
    finding,
    message,
    utterance,
    values,
)

VEXED = finding(Level.POTENTIAL, 52)  # with ten points more it is explicit
RATE = Kpi.COMPLAINT_RATE_A
FOUND = {"失望": DISPLEASED, "投诉": COMPLAINS, "恼火": VEXED}


class ByHeart:
    """A tagger that knows its texts by heart."""

    def tag_folded(self, batch, roles):
        """The finding of each text."""
        return [FOUND.get(text) for text in batch.given]


class World:
    """Conversations and customers in memory, over one partition."""

    def __init__(self) -> None:
        self.runner = Runner([conversations_stage(by_heart(ByHeart())), CUSTOMERS], partition_of=lambda key: 0)
        self.outputs: list = []
        self.count = 0

    def feed(self, topic, value, key, at_ms):
        """One record."""
        body, headers = codec.encode_record(value)
        self.count += 1
        record = Record(self.count, at_ms, key, body, headers)
        self.outputs += self.runner.feed([Incoming(topic, 0, record)])

    def call(self, conversation, text, at_ms=0, **changes):
        """The customer says something on the phone."""
        fields = {"conversation_id": conversation, "text": text, "customer_key": "k1", "agent_id": "a1"} | changes
        self.feed(UTTERANCES, utterance(self.count, at_ms, **fields), conversation.encode(), NOON_MS + at_ms)

    def chat(self, conversation, text, at_ms=0, **changes):
        """The same in a chat."""
        fields = {"conversation_id": conversation, "text": text, "customer_key": "k1", "agent_id": "a1"} | changes
        self.feed(MESSAGES, message(self.count, at_ms, **fields), conversation.encode(), NOON_MS + at_ms)

    def on(self, topic):
        """What was published there."""
        return values(self.outputs, topic)

    def rows(self, stage):
        """The rows of a stage."""
        return dict(self.runner.stores[stage, 0].items())


def test_the_third_contact_lifts_the_score_across_channels():
    """The same displeasure is potential in the first call and in the chat after it, and explicit in the third."""
    world = World()
    world.call("one", "恼火")
    world.chat("two", "恼火", HOUR)
    world.call("three", "您好", 71 * HOUR)
    world.call("three", "恼火", 71 * HOUR + MINUTE)
    levels = {alert.conversation_id: alert.level for alert in world.on("complaints.alerts")}
    assert levels == {"one": Level.POTENTIAL, "two": Level.POTENTIAL, "three": Level.EXPLICIT}
    alert = world.on("complaints.alerts")[-1]
    assert {part.rule: part.points for part in alert.score_parts}["bonus.repeated_contact"] == 10
    assert sum(part.points for part in alert.score_parts) == alert.score
    assert (alert.background.contacts, alert.background.level) == (3, Level.POTENTIAL)
    assert [each.conversation_id for each in alert.background.earlier] == ["two", "one"]
    assert world.on("agents.hints")[-1].background == alert.background


def test_what_comes_after_the_complaint_still_lifts_it():
    """The first words are the complaint: what was before is told a moment later, and raises the alert then."""
    world = World()
    for number, text in enumerate(("您好", "您好", "恼火")):
        world.call(f"c{number}", text, number * HOUR)
    alerts = world.on("complaints.alerts")
    assert [(alert.conversation_id, alert.level) for alert in alerts] == [
        ("c2", Level.POTENTIAL),
        ("c2", Level.EXPLICIT),
    ]
    assert alerts[1].alert_id == "level_rise:c2:explicit:context:contact:c2:1:none:e2"
    told = [each.level for each in world.on("customers.contacts") if each.conversation_id == "c2"]
    assert sorted(told) == ["explicit", "none", "potential"]


def test_the_highest_open_level_is_told():
    """What was taken back is not open any more."""
    world = World()
    world.call("one", "投诉")
    world.chat("two", "失望", HOUR)
    world.call("three", "您好", 2 * HOUR)
    assert [context.background.level for context in world.on("customers.contexts")] == [Level.EXPLICIT, Level.EXPLICIT]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"customer_key": None}, id="nobody knows the customer"),
        pytest.param({"direction": Direction.OUT}, id="we have called"),
        pytest.param({"role": "agent"}, id="the customer has not said a word"),
    ],
)
def test_what_is_no_contact(changes):
    """Nothing is told, and so nothing is kept."""
    world = World()
    world.call("one", "您好", **changes)
    world.call("one", "投诉", MINUTE, **changes)
    assert world.on("customers.contacts") == []


def test_drills_and_tenants_keep_to_themselves():
    """Three contacts of one key, one of them in a drill and one of another tenant: each is the first."""
    world = World()
    world.call("one", "您好")
    world.call("two", "您好", HOUR, test="drill-1")
    world.call("three", "您好", 2 * HOUR, tenant="other")
    assert len(world.on("customers.contacts")) == 3
    assert world.on("customers.contexts") == []


def test_a_conversation_that_is_taken_up_again_is_another_contact():
    """Its second episode is told of the first."""
    world = World()
    world.chat("one", "您好")
    world.chat("one", "您好", 2 * HOUR)
    (context,) = world.on("customers.contexts")
    assert (context.episode, context.background.contacts) == (2, 2)
    assert world.rows("conversations")[b"chat:one"].background == context.background


@pytest.mark.parametrize(
    ("before", "contacts"),
    [
        pytest.param([(ChatChannel.FEEDBACK, "f"), (ChatChannel.TICKET, "t")], None, id="a comment and a ticket"),
        pytest.param([(ChatChannel.TICKET, "t")] * 3, None, id="one ticket with three texts"),
        pytest.param([(ChatChannel.TICKET, "t"), (ChatChannel.WEB, "w"), (ChatChannel.TICKET, "t")], 2, id="one chat"),
        pytest.param([(ChatChannel.WEB, "w"), (ChatChannel.FEEDBACK, "f"), (ChatChannel.WEB, "x")], 3, id="two chats"),
    ],
)
def test_nobody_calls_by_a_comment_or_a_ticket(before, contacts):
    """They count for the third contact as little as they do in the figures; episodes of a chat are contacts."""
    world = World()
    for hour, (channel, conversation) in enumerate(before):
        world.chat(conversation, "东西不错", hour * HOUR, channel=channel)
    world.call("call", "您好", 4 * HOUR)
    world.call("call", "恼火", 4 * HOUR + MINUTE)
    background = world.rows("conversations")[b"call:call"].background
    assert (background and background.contacts) == contacts
    (alert,) = world.on("complaints.alerts")
    is_third = contacts == 3
    assert alert.level is (Level.EXPLICIT if is_third else Level.POTENTIAL)
    assert ("bonus.repeated_contact" in {part.rule for part in alert.score_parts}) is is_third


def test_a_ticket_is_told_of_calls_and_is_no_further_contact():
    """Two calls and a ticket are two contacts; a first ticket is told of nothing."""
    world = World()
    world.chat("t", "您好", channel=ChatChannel.TICKET)
    assert world.on("customers.contexts") == []
    world.call("one", "您好", HOUR)
    world.call("two", "您好", 2 * HOUR)
    world.chat("t2", "恼火", 3 * HOUR, channel=ChatChannel.TICKET)
    background = world.on("customers.contexts")[-1].background
    assert (background.contacts, [each.conversation_id for each in background.earlier]) == (2, ["two", "one"])
    (alert,) = world.on("complaints.alerts")
    assert alert.level is Level.POTENTIAL


def test_what_comes_too_late_is_told_in_vain():
    """A context of an episode that is over, or of another customer, changes nothing."""
    world = World()
    world.chat("one", "您好")
    world.chat("one", "您好", 2 * HOUR)
    (context,) = world.on("customers.contexts")
    world.chat("one", "您好", 4 * HOUR, customer_key="k2")
    before = encode_row(world.rows("conversations")[b"chat:one"])
    world.feed(CONTEXTS, context, b"one", NOON_MS)
    assert encode_row(world.rows("conversations")[b"chat:one"]) == before


def contact(number, **changes):
    """One contact."""
    fields = {
        "contact_id": f"contact:{number}",
        "customer_key": "k1",
        "conversation_id": f"c{number}",
        "episode": 1,
        "channel": ChannelClass.VOICE,
        "started_at": NOON_MS + number * SECOND,
        "occurred_at": NOON_MS + number * SECOND,
        "emitted_at": NOON_MS + number * SECOND,
    }
    return Contact(**fields | changes)


def folded(contacts, cut):
    """Rows and records of contacts, folded in two batches."""
    store, outputs = Store(Customer), []
    for part in (contacts[:cut], contacts[cut:]):
        effects = fold(Batch(CONTACTS, 0, part, ()), store)
        store.apply(effects.changes, now_ms=0)
        outputs += effects.outputs
    return outputs, {key: encode_row(row) for key, row in store.items()}


@pytest.mark.parametrize("cut", [0, 1, 7, 40])
def test_rows_are_bounded_and_cuts_make_no_difference(cut):
    """Forty contacts, levels that change, repeats: the same whatever the cut; cards name the newest few."""
    contacts = [contact(number % 37, level=(Level.NONE, Level.EXPLICIT)[number % 2]) for number in range(40)]
    outputs, rows = folded(contacts, cut)
    assert (outputs, rows) == folded(contacts, 13)
    (row,) = (row for key, row in rows.items() if not is_tally(key))
    assert row.count(b"conversation_id") <= 2 * MAX_CONTACTS
    assert all(len(output.value.background.earlier) <= NAMED for output in outputs)


COMPLAINT = {"level": Level.EXPLICIT, "region": "310000"}
OF_ONE = {"conversation_id": "c0", "started_at": NOON_MS}


def figures(contacts, cut=0, row=None):
    """Of each subject and hour after noon: customers of rate A, and complaints among them in thousandths."""
    store = Store(Customer)
    store.apply({b"default||k1": row} if row else {}, now_ms=0)
    for part in (contacts[:cut], contacts[cut:]):
        # Rows are read back from what was written, as after a restart.
        heir = Store(Customer)
        heir.load([(key, encode_row(row)) for key, row in store.items()])
        heir.loaded(now_ms=0)
        store = heir
        store.apply(fold(Batch(CONTACTS, 0, part, ()), store).changes, now_ms=0)
    return {
        (row.pending.subject, (hour - NOON_MS) // HOUR): (measures[RATE].n, measures[RATE].total)
        for _, row in store.items()
        if row.pending
        for hour, measures in row.pending.hours.items()
    }


@pytest.mark.parametrize("cut", [0, 1, 2])
@pytest.mark.parametrize(
    ("contacts", "told"),
    [
        pytest.param(
            [contact(0), contact(1, **OF_ONE | COMPLAINT)],
            {("region:unknown", 0): (1, 1000)},
            id="the region is known with the complaint",
        ),
        pytest.param(
            [contact(HOUR // SECOND, region="440000"), contact(1, **COMPLAINT)],
            {("region:440000", 1): (1, 1000)},
            id="a contact that began earlier comes later, from elsewhere",
        ),
        pytest.param(
            [contact(0, **COMPLAINT), *(contact(n, region="440000") for n in range(1, MAX_CONTACTS + 3))],
            {("region:310000", 0): (1, 1000)},
            id="so many contacts that the first one is forgotten",
        ),
        pytest.param(
            [contact(0, **COMPLAINT), contact(0, region="310000"), contact(0, **COMPLAINT)],
            {("region:310000", 0): (1, 1000)},
            id="the complaint is taken back and made again",
        ),
        pytest.param(
            [contact(0, region="310000"), contact(DAY // SECOND, region="440000"), contact(1, **OF_ONE | COMPLAINT)],
            {("region:310000", 0): (1, 1000), ("region:440000", 24): (1, 0)},
            id="two days, of which the first gets worse",
        ),
    ],
)
def test_a_complaint_counts_where_its_customer_does(contacts, told, cut):
    """No region has a complaint without the customer, and none a customer twice a day."""
    assert figures(contacts, cut) == told


def test_a_day_that_was_counted_before_days_were_kept_is_not_counted_again():
    """A row of the version before tells by its contacts what was counted."""
    (_, row) = next(item for item in kept([contact(0, region="310000")]) if not is_tally(item[0]))
    old = replace(row, counted=())
    assert figures([contact(1, **COMPLAINT)], row=old) == {("region:310000", 0): (0, 1000)}
    assert figures([contact(1, region="440000")], row=old) == {}


def test_only_the_newest_days_are_kept():
    """A customer who comes every day for a month has no longer row than one who came for four days."""
    contacts = [contact(day * DAY // SECOND, region="310000") for day in range(30)]
    (row,) = (row for key, row in kept(contacts) if not is_tally(key))
    assert [(each.at_ms - NOON_MS) // DAY for each in row.counted] == [26, 27, 28, 29]


def kept(contacts):
    """The rows after contacts."""
    store = Store(Customer)
    store.apply(fold(Batch(CONTACTS, 0, contacts, ()), store).changes, now_ms=0)
    return list(store.items())


def test_rows_are_forgotten_by_ticks():
    """72 hours after the last contact, however often the worker was started in between."""
    store = Store(Customer)
    store.apply(fold(Batch(CONTACTS, 0, [contact(0)], ()), store).changes, now_ms=NOON_MS)
    heir = Store(Customer)
    heir.load([(key, encode_row(row)) for key, row in store.items()])
    heir.loaded(now_ms=NOON_MS)
    for late_ms, kept in ((-1, 1), (0, 0)):
        tick = Tick(now_ms=NOON_MS + REMEMBERED_MS + late_ms)
        heir.apply(fold(Batch(TICKS, 0, [tick], ()), heir).changes, now_ms=tick.now_ms)
        assert len(heir) == kept
