"""Packs come through the log: which one judges, what is refused, what a shadow pack is counted for."""

import msgspec
import pytest

from agents.stages.conversations import conversations_stage
from pipeline.conversation.heard import hear_events
from pipeline.conversation.ruled import Ruleset, counted_beside, fold_ruled
from pipeline.rows import encode_row
from pipeline.rulebook import LIVE_KEY, SHADOW_KEY, STATE_KEY, Rulebook
from pipeline.rules.load import load_pack
from pipeline.rules.parcel import pack_files
from pipeline.runner import Incoming, Runner
from pipeline.stage import Batch
from pipeline.tagging import Tagger
from schemas import codec
from schemas.codec import Record
from schemas.rules import MAX_CONTENT_BYTES, ShadowCount, Slot
from schemas.ticks import Tick
from schemas.topics import RULES_PACKS, TICKS, UTTERANCES
from schemas.vocabulary import Level
from tests.support.conversations import NOON_MS, SECOND, compiled, utterance, values
from tests.support.packs import emptied, files_with, push

WORD = "青山绿水桥"
OWN = load_pack()
NEW = push(files_with(WORD))
DRAFT = push(files_with(WORD, level="potential", score=40), Slot.SHADOW)
HOUR_MS = 3_600_000


class World:
    """The conversations stage in memory, fed record by record or all at once."""

    def __init__(self) -> None:
        self.book = Rulebook(compiled(OWN), OWN.version, compiled)
        self.stage = conversations_stage(self.book)
        self.runner = Runner([self.stage], partition_of=lambda key: 0)
        self.records: list[Incoming] = []
        self.outputs: list = []

    def add(self, topic, value, key=b"c1", at_ms=NOON_MS) -> None:
        """One more record of the log."""
        body, headers = codec.encode_record(value)
        self.records.append(Incoming(topic, 0, Record(len(self.records), at_ms, key, body, headers)))

    def says(self, number, text) -> None:
        """A customer says something in a conversation of their own."""
        conversation = f"c{number}"
        self.add(UTTERANCES, utterance(number, text=text, conversation_id=conversation), conversation.encode())

    def told(self, pack) -> None:
        """A push arrives."""
        self.add(RULES_PACKS, pack, pack.slot.encode())

    def run(self, most=1_000):
        """Feed what was added."""
        self.outputs += self.runner.feed(self.records, most=most)
        self.records = []
        return self

    def on(self, topic):
        """What was published there."""
        return values(self.outputs, topic)

    @property
    def rows(self):
        """The partition's rows."""
        return self.runner.stores["conversations", 0]


def story() -> World:
    """Texts before, between and after two pushes and a way back."""
    world = World()
    world.says(1, f"这里是{WORD}")
    world.says(2, "我要投诉你们")
    world.told(NEW)
    world.says(3, f"这里是{WORD}")
    world.says(4, "我要投诉你们")
    world.told(emptied(Slot.LIVE, at_ms=NOON_MS + 9))
    world.says(5, f"这里是{WORD}")
    return world


def test_texts_are_judged_by_the_pack_that_stands_before_them():
    """Before, after, and after the way back; every tag names its pack."""
    world = story().run()
    assert [(tag.conversation_id, tag.rules_version) for tag in world.on("complaints.tagged")] == [
        ("c2", OWN.version),
        ("c3", NEW.version),
        ("c4", NEW.version),
    ]
    assert [state.live for state in world.on("rules.states")] == [NEW.version, OWN.version]
    assert {alert.rules_version for alert in world.on("complaints.alerts")} == {OWN.version, NEW.version}


def test_where_batches_end_makes_no_difference():
    """One by one or all at once: the same rows and the same records."""
    whole, pieces = story().run(), story().run(most=1)
    assert whole.outputs == pieces.outputs
    assert {key: encode_row(row) for key, row in whole.rows.items()} == {
        key: encode_row(row) for key, row in pieces.rows.items()
    }


def test_the_next_owner_goes_by_the_same_pack():
    """The pack is among the rows: read back as bytes, it judges as before, whatever the worker's own pack is."""
    world = World()
    world.told(NEW)
    world.run()
    heir = World()
    store = heir.stage.new_store()
    store.load([(key, encode_row(row)) for key, row in world.rows.items()])
    store.loaded(now_ms=0)
    heir.runner.stores["conversations", 0] = store
    heir.says(1, f"这里是{WORD}")
    assert [tag.rules_version for tag in heir.run().on("complaints.tagged")] == [NEW.version]
    assert heir.book.state(store, 0).live == NEW.version


def test_packs_never_expire():
    """Conversations are forgotten after a day of ticks; what was told is not."""
    world = World()
    world.told(NEW)
    world.says(1, "我要投诉你们")
    for hour in range(40):
        for step in range(0, 60, 4):
            now_ms = NOON_MS + hour * HOUR_MS + step * 60 * SECOND
            world.add(TICKS, Tick(now_ms=now_ms), b"0", now_ms)
    world.run()
    assert {key for key, _ in world.rows.items()} == {LIVE_KEY, STATE_KEY}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        pytest.param(
            push([("a.yaml", b"cues:\n  demand: {level: loud, score: 1, words: [x]}\n")], version="0bad"),
            "a.yaml:2",
            id="a problem with its file and line",
        ),
        pytest.param(push(files_with("别的词"), version="0bad"), "has the version", id="not what its record says"),
        pytest.param(
            msgspec.structs.replace(NEW, content=b"rubbish", version="0bad"), "is not what", id="no pack at all"
        ),
    ],
)
def test_a_bad_pack_is_refused_and_the_old_one_stays(bad, words):
    """The state says why; nothing goes to the dead letters, and the pack in force is not touched."""
    world = World()
    world.told(NEW)
    world.told(bad)
    world.says(1, f"这里是{WORD}")
    world.run()
    taken, refused = world.on("rules.states")
    assert taken.refused is None
    assert (refused.live, refused.refused.version) == (NEW.version, "0bad")
    assert any(words in problem for problem in refused.refused.problems)
    assert [tag.rules_version for tag in world.on("complaints.tagged")] == [NEW.version]
    assert world.on("deadletters") == []


def test_the_same_content_under_its_right_version_is_taken():
    """A record that names another version was refused: that says nothing of the content."""
    world = World()
    world.told(msgspec.structs.replace(NEW, version="0bad"))
    world.told(NEW)
    world.run()
    assert [state.live for state in world.on("rules.states")][-1] == NEW.version


def test_a_good_pack_ends_the_complaint_about_a_bad_one():
    """But a shadow pack that is taken does not hide that the live one was refused."""
    world = World()
    world.told(push(files_with("别的词"), version="0bad"))
    world.told(DRAFT)
    world.told(NEW)
    states = world.run().on("rules.states")
    assert [state.refused is not None for state in states] == [True, True, False]


def test_a_pack_that_no_longer_compiles_gives_way_to_the_workers_own():
    """After an upgrade of Tocsin, say: complaints are still heard, and the state says what is wrong."""
    world = World()
    world.told(NEW)
    world.run()

    def newer(pack):
        if pack.version == NEW.version:
            raise ValueError("unheard of")
        return compiled(pack)

    book = Rulebook(compiled(OWN), OWN.version, newer)
    assert book.live(world.rows).lookups.rules_version == OWN.version
    state = book.state(world.rows, 0)
    assert (state.live, state.refused.version) == (OWN.version, NEW.version)


def test_a_shadow_pack_is_counted_and_publishes_nothing():
    """Tags are those of the live pack; the counts tell where the draft differs, by event."""
    world = World()
    world.told(DRAFT)
    world.says(1, f"这里是{WORD}")
    world.says(2, "我要投诉你们")
    world.says(3, "请问几点上班")
    world.run()
    assert [tag.conversation_id for tag in world.on("complaints.tagged")] == ["c2"]
    counted = world.book.state(world.rows, 0).counted
    assert counted.texts == 3
    assert counted.levels == {"explicit/explicit": 1, "none/none": 1, "none/potential": 1}
    assert [(each.event_id, each.live, each.shadow) for each in counted.newest] == [("e1", "none", "potential")]


def test_counts_are_told_at_ticks_and_end_with_the_shadow():
    """Not at every tick; and when the shadow goes, its rows go with it."""
    world = World()
    world.told(DRAFT)
    world.says(1, f"这里是{WORD}")
    for seconds in (1, 16, 17, 40):
        world.add(TICKS, Tick(now_ms=NOON_MS + seconds * SECOND), b"0")
    world.told(emptied(Slot.SHADOW, at_ms=NOON_MS + 50 * SECOND))
    states = world.run().on("rules.states")
    assert [(state.at - NOON_MS) // SECOND for state in states] == [0, 16, 40, 50]
    assert [state.counted.texts if state.counted else None for state in states] == [0, 1, 1, None]
    assert SHADOW_KEY not in {key for key, _ in world.rows.items()}


def test_a_previous_pack_is_passed_over():
    """It stands on the topic for whoever wants to go back."""
    world = World()
    world.told(push(files_with(WORD), Slot.PREVIOUS))
    assert world.run().outputs == []
    assert len(world.rows) == 0


def test_preparing_changes_nothing_but_the_time_it_takes():
    """A pack that was compiled ahead is the same that the turn uses; one that cannot be is refused by the turn."""
    world = World()
    world.book.prepare([NEW, push(files_with("别的词"), version="0bad"), emptied(Slot.LIVE), None])
    world.told(NEW)
    world.says(1, f"这里是{WORD}")
    unprepared = World()
    unprepared.told(NEW)
    unprepared.says(1, f"这里是{WORD}")
    assert world.run().outputs == unprepared.run().outputs


def test_what_was_read_ahead_counts_only_by_the_rules_in_force():
    """Read by another pack, because that was swapped meanwhile, it is read again; else it is taken as it is."""
    book = Rulebook(compiled(OWN), OWN.version, compiled)
    event = utterance(1, text="我要投诉你们")
    record = Record(0, NOON_MS, b"c1", b"")
    for read_by, tags in (("stale", 1), (OWN.version, 0)):
        batch = Batch(UTTERANCES, 0, [event], [record], [None], read_by)
        effects = fold_ruled(batch, conversations_stage(book).new_store(), rulebook=book)
        assert len(values(effects.outputs, "complaints.tagged")) == tags


class Broken:
    """A shadow that breaks on some texts."""

    def tag(self, texts, roles):
        """Nothing, or an error."""
        if any("坏" in text for text in texts):
            raise RuntimeError
        return [None] * len(texts)


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_a_shadow_that_breaks_hurts_nobody(cut):
    """The live findings come out; how many texts broke the draft does not depend on the cut."""
    texts = ["我要投诉", "坏", "好"]
    counted = ShadowCount()
    said = [utterance(number, text=text) for number, text in enumerate(texts)]
    for events in (said[:cut], said[cut:]):
        batch = Batch(UTTERANCES, 0, events, (), hear_events(events, reader=Tagger(OWN)))
        counted = counted_beside(batch, Broken(), counted)
    assert (counted.texts, counted.failed) == (3, 1)
    assert counted.levels == {f"{Level.EXPLICIT}/{Level.NONE}": 1, f"{Level.NONE}/{Level.NONE}": 1}


def test_without_a_shadow_the_live_reader_is_asked_directly():
    """A shadow pack costs something only where there is one."""
    asked = []

    class Asked:
        def tag_folded(self, batch, roles):
            asked.append(self)
            return [None] * len(roles)

    reader = Asked()
    world = World()
    world.book = Rulebook(Ruleset(reader, compiled(OWN).lookups), "own", compiled)
    world.stage = conversations_stage(world.book)
    world.runner = Runner([world.stage], partition_of=lambda key: 0)
    world.says(1, "好")
    world.run()
    assert asked == [reader]


def test_the_content_fits_a_record():
    """The shipped pack leaves 80 KiB, packed, of what may be pushed: a company's own words have room beside it."""
    assert len(pack_files(files_with(WORD))) < MAX_CONTENT_BYTES - 80 * 1024
