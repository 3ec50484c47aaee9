"""How a worker lets its partitions go, and what it says where one cannot be taken over."""

import asyncio

from agents.engine import partition as engine
from agents.engine.connection import Connection, Pace
from agents.engine.crash import ExitCode
from agents.engine.limits import DeadLetterLimit
from agents.engine.observer import Silent
from agents.engine.partition import Partition
from agents.engine.partitions import Partitions
from schemas.codec import Record

CONNECTION = Connection(bootstrap="127.0.0.1:1", application_id="x")
LIMIT = DeadLetterLimit(1.0, window_records=1_000)
TOPIC = "calls.utterances"


def partition(number, **pace):
    """One that was never started: it asks no broker."""
    return Partition(
        number, (), CONNECTION, Pace(**pace), observer=Silent(), limit=LIMIT, room=asyncio.Event(), ahead={}
    )


async def test_what_is_on_its_way_when_the_worker_stops_is_void():
    """One partition still commits while another has forgotten its queue: a late batch of that one is no lost batch."""
    owned = Partitions((), CONNECTION, Pace(), observer=Silent(), limit=LIMIT)
    idle, busy = partition(0), partition(1)
    owned._owned = {0: idle, 1: busy}
    owned.put(owned.announce(TOPIC, 0, 2, [Record(1, 0, b"k", b"v")]))
    late = owned.announce(TOPIC, 0, 2, [Record(2, 0, b"k", b"v")])
    await busy._turn.acquire()
    releasing = asyncio.create_task(owned.release())
    for _ in range(10):  # rounds of the loop: the idle one has let its queue go, the busy one is waited for
        await asyncio.sleep(0)
    assert not idle.inbox.queued(TOPIC)
    owned.put(late)
    assert owned.announce(TOPIC, 0, 2, [Record(3, 0, b"k", b"v")]).number == -1
    busy._turn.release()
    await releasing
    assert owned.ready == []


async def test_rows_that_do_not_come_back_in_time_have_an_exit_code_of_their_own(monkeypatch):
    """The runbooks tell what to do about it."""

    class Started:
        def __init__(self, *_):
            pass

        async def start(self):
            pass

    async def never(*_):
        await asyncio.Event().wait()

    ended = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(engine, "Transactions", Started)
    monkeypatch.setattr(engine, "recover", never)
    monkeypatch.setattr(engine, "end_process", lambda reason, code, **_: ended.done() or ended.set_result(code))
    taken = partition(0, recovery_seconds=0.01)
    taken.start()
    assert await ended is ExitCode.RECOVERY
    taken._task.cancel()
