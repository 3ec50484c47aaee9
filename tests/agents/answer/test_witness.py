"""A witness: what it tells of incidents and results, and that it outlives a broker that is away."""

import asyncio

from agents.answer import witness as module
from agents.answer.witness import Witness
from agents.settings import Settings
from pipeline.incidents.rulings import audited
from schemas.actions import ActionKind
from schemas.audits import ActionResult
from tests.support.boards import incident
from tests.support.incidents import act

ACTION = act(ActionKind.ACK, "i1", 0)


async def test_a_result_reaches_whoever_waits_for_it():
    """The result of that action, not of another one under the same id at another time."""
    witness = Witness()
    waiting = witness.expect(ACTION)
    witness.take(audited(ACTION, ActionResult.TAKEN, at_ms=ACTION.at - 1))
    assert not waiting.done()
    witness.take(audited(ACTION, ActionResult.REPEATED, at_ms=ACTION.at))
    witness.take(audited(ACTION, ActionResult.TAKEN, at_ms=ACTION.at))
    assert await waiting == ActionResult.REPEATED
    witness.forget(ACTION)
    witness.take(audited(ACTION, ActionResult.TAKEN, at_ms=ACTION.at))


def test_old_incidents_are_forgotten(monkeypatch):
    """Of those the page shows no title; what may be done about them stands in the link."""
    monkeypatch.setattr(module, "INCIDENTS_MAX", 2)
    witness = Witness()
    for number in (1, 2, 1, 3):
        witness.take(incident(number))
    assert [witness.incident(f"i{number}") is not None for number in (1, 2, 3)] == [True, False, True]


async def test_a_broker_that_is_away_is_waited_for(monkeypatch, unused_tcp_port):
    """It says so once and tries again, for ever."""
    said, tries = [], asyncio.Queue()

    async def away(*_):
        tries.put_nowait("try")
        raise ConnectionError

    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(module.log, "warning", lambda *each, **more: said.extend(each))
    monkeypatch.setattr(Witness, "_follow_audits", away)
    following = asyncio.create_task(Witness().run(Settings(broker=(f"127.0.0.1:{unused_tcp_port}",))))
    async with asyncio.timeout(60):
        assert [await tries.get() for _ in range(3)]
    assert said == ["witness_sees_nothing"]
    following.cancel()
    async with asyncio.timeout(60):
        await asyncio.wait([following])
