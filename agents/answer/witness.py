"""A witness: how each incident stands, and what the stage made of the actions that somebody here waits for.

It follows committed records in no group, so that each of several servers sees all of them. What it knows is shown and
decides nothing: whether an offer was used is for the stage to say.
"""

import asyncio
from collections import OrderedDict

import structlog
from aiokafka.errors import KafkaError

from agents.recording.follow import Seen, follow
from agents.settings import Settings
from pipeline.errors import TocsinError
from schemas.actions import Action
from schemas.audits import ActionAudit, ActionResult
from schemas.incidents import Incident
from schemas.topics import ACTION_AUDITS, INCIDENTS

log = structlog.get_logger("tocsin.answer")

AGAIN_SECONDS = 1.0
INCIDENTS_MAX = 10_000  # the newest ones; of an older one the page shows no title


class Witness:
    """What is known of incidents and of actions."""

    def __init__(self) -> None:
        self._incidents: OrderedDict[str, Incident] = OrderedDict()
        self._waiting: dict[tuple[str, int], asyncio.Future[ActionResult]] = {}

    def incident(self, incident_id: str) -> Incident | None:
        """An incident as it stands."""
        return self._incidents.get(incident_id)

    def expect(self, action: Action) -> "asyncio.Future[ActionResult]":
        """Ask for the result of an action, before it is sent."""
        return self._waiting.setdefault((action.action_id, action.at), asyncio.get_running_loop().create_future())

    def forget(self, action: Action) -> None:
        """Nobody waits any more."""
        self._waiting.pop((action.action_id, action.at), None)

    def take(self, record: Incident | ActionAudit) -> None:
        """One record more."""
        if isinstance(record, ActionAudit):
            waiting = self._waiting.get((record.action_id, record.at))
            if waiting is not None and not waiting.done():
                waiting.set_result(record.result)
            return
        self._incidents[record.incident_id] = record
        self._incidents.move_to_end(record.incident_id)
        if len(self._incidents) > INCIDENTS_MAX:
            self._incidents.popitem(last=False)

    async def run(self, settings: Settings) -> None:
        """Follow both topics for ever; a broker or a topic that is not there is waited for."""
        told, me = "", asyncio.current_task()
        # Whether it is to end is asked: tasks that fail in the moment in which they are cancelled may forget it.
        while me is None or not me.cancelling():
            tasks = [asyncio.create_task(each) for each in (self._follow(settings), self._follow_audits(settings))]
            try:
                await asyncio.gather(*tasks)
            except (KafkaError, OSError, TocsinError) as error:  # away, or its topics are not there yet
                if type(error).__name__ != told:  # the same once a second is no news
                    told = type(error).__name__
                    log.warning("witness_sees_nothing", error=told)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _follow(self, settings: Settings) -> None:
        async with follow(settings, [INCIDENTS], from_start=True) as follower:
            async for seen in follower.records():
                self._see(seen)

    async def _follow_audits(self, settings: Settings) -> None:
        async with follow(settings, [ACTION_AUDITS], from_start=False) as follower:
            async for seen in follower.records():
                self._see(seen)

    def _see(self, seen: Seen) -> None:
        try:
            self.take(seen.decoded())
        except ValueError:
            log.warning("record_unreadable", topic=seen.topic.name)
