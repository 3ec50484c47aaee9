"""The process beside the worker says of a batch what the worker's own tagger would say, or that it cannot."""

import asyncio
import signal
import subprocess
import sys

import msgspec
import pytest
from msgspec.structs import replace

from agents.engine.turns import Readings
from agents.product import build_tagger
from agents.reading.ahead import FEWEST_TEXTS, ReadingProcess
from agents.reading.process import reply
from agents.reading.wire import LENGTH, LESSONS_KEPT, Hello, Recipe, Request, encode, frame
from pipeline.conversation.heard import hear_events
from pipeline.rules.load import parse_pack
from pipeline.rules.parcel import unpack_files
from pipeline.tagging import Tagger
from schemas.vocabulary import Level, Role
from tests.support.cluster import ROOT
from tests.support.conversations import message, utterance
from tests.support.packs import files_with, push

RECIPE = Recipe(rules_dir=None, inquiry_level=Level.POTENTIAL, model="builtin")
TEXTS = (
    "我要投诉你们",
    "好的，谢谢",
    "等了三天还没发货，赶紧给我处理",
    "打12315也没用吗",
    "今天天气不错",
    "您好，有什么可以帮您",
)


@pytest.fixture(scope="module")
def tagger():
    """The tagger that a worker with the same settings has."""
    return build_tagger(None, Level.POTENTIAL, "builtin")


def events(count: int):
    """Texts of customers and agents, with a bot's and a deleted one among them."""
    roles = (Role.CUSTOMER, Role.AGENT, Role.CUSTOMER, Role.CUSTOMER, Role.BOT)
    said = [utterance(at, at, text=TEXTS[at % len(TEXTS)], role=roles[at % len(roles)]) for at in range(count)]
    return [*said, message(count, text="我要投诉", deleted=True)]


async def read(batches, *, rules_version: str):
    """What the process answers, batch by batch, once it is ready."""
    process = ReadingProcess(
        RECIPE, rules_version=rules_version, model_version=build_tagger(None, Level.POTENTIAL, "builtin").model_version
    )
    try:
        assert await process.read(events(2 * FEWEST_TEXTS)) is None, "nobody waits for it to be ready"
        async with asyncio.timeout(60):
            await process.has_said_hello.wait()
        return await asyncio.gather(*[process.read(batch) for batch in batches])
    finally:
        await process.stop()


def test_it_says_what_the_worker_would_say(tagger):
    """Several batches at once, each answered in full and in its own order."""
    batches = [events(2 * FEWEST_TEXTS), events(3_000), events(2 * FEWEST_TEXTS + 7)]
    answers = asyncio.run(read(batches, rules_version=tagger.pack.version))
    assert answers == [Readings(hear_events(batch, reader=tagger), tagger.pack.version) for batch in batches]
    assert any(said is not None and said.demand for said in answers[0].found)


def test_it_takes_all_where_texts_take_long(tagger):
    """Then the worker reads none itself: it waits for the process to start, and asks for a single text too."""

    async def ask():
        process = ReadingProcess(
            RECIPE, rules_version=tagger.pack.version, model_version=tagger.model_version, takes_all=True
        )
        try:
            async with asyncio.timeout(60):
                return await process.read(events(1)), await process.read([message(0, text="我要投诉", deleted=True)])
        finally:
            await process.stop()

    one, nothing = asyncio.run(ask())
    assert one == Readings(hear_events(events(1), reader=tagger), tagger.pack.version)
    assert nothing is None, "no text, nothing to ask"


def test_it_learns_the_pack_that_a_partition_goes_by(tagger):
    """Taught before it is asked, forgotten by both sides alike; one that does not compile is the worker's matter."""
    new = push(files_with("青山绿水桥"))
    bad = replace(new, version="0bad", content=b"rubbish")
    others = [replace(new, version=f"{number}") for number in range(LESSONS_KEPT)]
    said = [utterance(at, at, text="这里是青山绿水桥") for at in range(2 * FEWEST_TEXTS)]

    async def ask():
        process = ReadingProcess(RECIPE, rules_version=tagger.pack.version, model_version=tagger.model_version)
        try:
            await process.read(said)
            async with asyncio.timeout(60):
                await process.has_said_hello.wait()
            return [await process.read(said, pack) for pack in (new, None, bad, new, *others, new)]
        finally:
            await process.stop()

    first, own, refused, again, *rest = asyncio.run(ask())
    by_new = Tagger(parse_pack(unpack_files(new.content)), model=tagger.scorer.model)
    assert first == again == rest[-1] == Readings(hear_events(said, reader=by_new), new.version)
    assert all(heard is not None for heard in first.found)
    assert own.found == hear_events(said, reader=tagger)
    assert refused is None
    assert [readings.by for readings in rest[:-1]] == [pack.version for pack in others]


def test_what_it_leaves_to_the_worker(tagger):
    """A few texts are not worth asking for, half a character cannot be sent."""
    half = [utterance(at, at, text="我要投诉\ud83d") for at in range(2 * FEWEST_TEXTS)]
    batches = [events(FEWEST_TEXTS // 2), half, events(2 * FEWEST_TEXTS)]
    few, unsendable, others = asyncio.run(read(batches, rules_version=tagger.pack.version))
    assert few is None
    assert unsendable is None
    assert others is not None


def test_other_rules_are_not_asked(tagger):
    """Rules that changed between the two starts: the worker goes by its own."""
    (answer,) = asyncio.run(read([events(2 * FEWEST_TEXTS)], rules_version="other"))
    assert answer is None
    assert tagger.pack.version != "other"


def test_a_text_that_cannot_be_read_is_the_workers_to_find():
    """The worker reads such a batch itself, and refuses the one event."""

    class Tripping:
        def tag_folded(self, batch, roles):
            raise ValueError(batch.given[0])

    assert reply(Tripping(), Request(["嗯"], "c", "r1")).heard is None


def test_it_outlives_signals_and_ends_with_the_pipe(tagger):
    """Who stops a whole process group stops the worker, which still needs it; the end of the pipe is its end."""
    with subprocess.Popen(
        [sys.executable, "-m", "agents.reading"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdin.write(frame(encode(RECIPE)))
        process.stdin.flush()
        (length,) = LENGTH.unpack(process.stdout.read(LENGTH.size))
        assert msgspec.msgpack.decode(process.stdout.read(length), type=Hello).rules_version == tagger.pack.version
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.stdin.write(frame(encode(Request(["我要投诉"], "c", tagger.pack.version))))
        process.stdin.flush()
        assert process.stdout.read(LENGTH.size), "it still answers"
        process.stdin.close()
        assert process.wait(30) == 0
