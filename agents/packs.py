"""Rule packs on the broker: what was pushed, what each partition made of it, and how a push is written.

A push is one Kafka transaction over every partition of `rules.packs`: either each partition will be told, or none.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from agents.recording.follow import committed_consumer, follow, places_of
from agents.recording.layout import layout_of
from agents.settings import Settings, kafka_security
from pipeline.errors import TocsinError
from pipeline.rules.load import load_pack
from pipeline.rules.parcel import pack_files
from schemas import codec
from schemas.rules import RulesPack, RulesState, Slot
from schemas.topics import RULES_PACKS, RULES_STATES, Topic

MAX_REQUEST_BYTES = 4 * 1024 * 1024


class NothingToReturnTo(TocsinError):  # noqa: N818  (it is what is the matter)
    """No pack was live before the one that is."""


class Standing(NamedTuple):
    """The newest pack of each slot and the last word of each partition."""

    packs: Mapping[Slot, RulesPack]
    states: Mapping[int, RulesState]
    partitions: int


def pack_of(folder: Path, slot: Slot, *, at_ms: int, by: str, note: str) -> RulesPack:
    """A folder as a push; raises one RulePackError that lists every problem."""
    version = load_pack(folder).version
    content = pack_files([(path.name, path.read_bytes()) for path in folder.glob("*.yaml")])
    return RulesPack(slot=slot, version=version, content=content, at=at_ms, pushed_by=by, note=note)


def nothing_for(slot: Slot, *, at_ms: int, by: str, note: str) -> RulesPack:
    """A push that empties a slot: the workers' own pack is live again, or nothing is counted any more."""
    return RulesPack(slot=slot, version="", content=b"", at=at_ms, pushed_by=by, note=note)


def with_way_back(pack: RulesPack, standing: Standing) -> list[RulesPack]:
    """A push with what it takes to undo it: the pack that is live now is remembered as the one before.

    The newest push may have been refused everywhere; the one before it stays the way back then.
    """
    if pack.slot is not Slot.LIVE:
        return [pack]
    now = standing.packs.get(Slot.LIVE)
    if now is None:
        now = nothing_for(Slot.LIVE, at_ms=pack.at, by=pack.pushed_by, note="")
    elif now.version == pack.version or not _is_in_force(now, standing):
        return [pack]
    return [msgspec.structs.replace(now, slot=Slot.PREVIOUS), pack]


def _is_in_force(pack: RulesPack, standing: Standing) -> bool:
    """Whether a partition goes by it; none refuses to go back to its own, whose version is not told here."""
    return not pack.content or any(state.live == pack.version for state in standing.states.values())


def rolled_back(standing: Standing, *, at_ms: int, by: str, note: str) -> RulesPack:
    """The pack that was live before, as a push; raises NothingToReturnTo."""
    before = standing.packs.get(Slot.PREVIOUS)
    if before is None:
        raise NothingToReturnTo("no pack was pushed before the one in force; there is nothing to go back to")
    return msgspec.structs.replace(before, slot=Slot.LIVE, at=at_ms, pushed_by=by, note=note)


async def read_standing(settings: Settings) -> Standing:
    """Read both topics to their end."""
    packs = await _read(settings, RULES_PACKS)
    states = await _read(settings, RULES_STATES)
    newest = {pack.slot: pack for pack in (msgspec.json.decode(value, type=RulesPack) for value in packs)}
    told = [msgspec.json.decode(value, type=RulesState) for value in states]
    layout = await layout_of(settings)
    count = layout.partitions[settings.topic_prefix + RULES_PACKS.name]
    return Standing(newest, {state.partition: state for state in told}, count)


async def _read(settings: Settings, topic: Topic) -> list[bytes]:
    """Every committed value of a topic's partitions, one partition after the other, each in its order."""
    name = settings.topic_prefix + topic.name
    places = places_of(await layout_of(settings), [name])
    found: list[bytes] = []
    async with committed_consumer(settings) as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place in places:
            while await consumer.position(place) < ends[place]:
                fetched = await consumer.getmany(place, timeout_ms=200)
                found += [record.value for record in fetched.get(place, ()) if record.value is not None]
    return found


async def publish(settings: Settings, packs: Sequence[RulesPack], *, partitions: int) -> None:
    """Write a push: the same records on every partition, all or none."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap,
        transactional_id=f"{settings.application_id}-rules",  # whoever pushes at the same time is fenced
        max_request_size=MAX_REQUEST_BYTES,
        **kafka_security(settings),
    )
    name = settings.topic_prefix + RULES_PACKS.name
    async with producer, producer.transaction():
        for pack in packs:
            value, headers = codec.encode_record(pack)
            await asyncio.gather(
                *[
                    await producer.send(name, value, key=pack.slot.encode(), partition=number, headers=headers)
                    for number in range(partitions)
                ]
            )


async def answers(settings: Settings, pack: RulesPack, *, partitions: int, within_seconds: float) -> list[RulesState]:
    """What the partitions say to a push, as far as they do in time."""
    answered: dict[int, RulesState] = {}
    try:
        async with asyncio.timeout(within_seconds), follow(settings, [RULES_STATES], from_start=True) as follower:
            while len(answered) < partitions:
                for seen in await follower.fetch(wait_seconds=0.5):
                    state: RulesState = seen.decoded()
                    if state.pushed_at >= pack.at:
                        answered[state.partition] = state
    except TimeoutError:
        pass
    return [answered[number] for number in sorted(answered)]
