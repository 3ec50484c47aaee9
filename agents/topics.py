"""The topics that should be on the broker against those that are: what is missing, what differs, what was created.

Nothing is ever deleted or changed: more partitions would move keys to other partitions under running stages, and a
different retention may be the operator's own choice. Both are reported.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agents.broker_errors import unreachable
from agents.settings import Settings, kafka_security
from pipeline.errors import TocsinError
from schemas import topics
from schemas.topics import CleanUp, Topic

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

# The stages that keep rows; a test compares them with `agents.product`, whose import would bring the rule pack along.
STAGE_NAMES = (
    *("conversations", "customers", "regions", "words", "tickets", "links", "desks", "promises", "reviews"),
    *("feedback", "measures", "kpis"),
    "incidents",
)
CHANGELOGS = tuple(Topic(f"{name}-changelog", "row key", (), CleanUp.COMPACT, None) for name in STAGE_NAMES)

ENOUGH_REPLICAS = 3  # from here on a write waits for two of them
_TOPIC_RESOURCE = 2  # Kafka's number for "the configuration of a topic"
_ALREADY_EXISTS = 36  # another worker was faster
ANSWER_SECONDS = 10.0  # the client itself would try again and again for forty
_LOOKS, _LOOK_SECONDS = 100, 0.1


class TopicsError(TocsinError):
    """The broker refused to create a topic; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One topic as it should be on the broker."""

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be, of a topic that exists."""

    topic: str
    what: str  # `partitions`, or the name of a configuration entry
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.found}, expected {self.wanted}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to create, and what somebody has to look at."""

    wanted: tuple[Wanted, ...]
    missing: tuple[Wanted, ...]
    differences: tuple[Difference, ...]
    created: int = 0  # topics, to make it so

    @property
    def problems(self) -> list[str]:
        """Everything that keeps a worker from being ready, in words. A differing retention does not."""
        blocking = [str(each) for each in self.differences if each.what in {"partitions", "cleanup.policy"}]
        return [f"{topic.name}: missing" for topic in self.missing] + blocking


def wanted_topics(settings: Settings) -> tuple[Wanted, ...]:
    """The topic table and the stages' changelogs, as they should be on this broker."""
    return tuple(_wanted(settings, topic) for topic in (*topics.ALL, *CHANGELOGS))


def _wanted(settings: Settings, topic: Topic) -> Wanted:
    config = dict(topic.config)
    if settings.replication_factor >= ENOUGH_REPLICAS:
        config["min.insync.replicas"] = "2"
    return Wanted(settings.topic_prefix + topic.name, settings.partitions, settings.replication_factor, config)


@asynccontextmanager
async def admin_client(settings: Settings) -> AsyncIterator["AIOKafkaAdminClient"]:
    """A started admin client under the settings' security; raises BrokerError where nobody speaks Kafka."""
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415 - 0.2 s that `--help` does not need

    client = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap, **kafka_security(settings))
    try:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await client.start()
        except TimeoutError as error:
            raise unreachable(settings.bootstrap, error) from error
        yield client
    finally:
        await client.close()


async def compare(admin: "AIOKafkaAdminClient", wanted: Iterable[Wanted]) -> Plan:
    """Compare what should be with what is."""
    wanted = tuple(wanted)
    existing = set(await admin.list_topics())
    present = [topic for topic in wanted if topic.name in existing]
    partitions = {each["topic"]: len(each["partitions"]) for each in await _described(admin, present)}
    configs = await _configs(admin, [topic.name for topic in present])
    differences = []
    for topic in present:
        if partitions[topic.name] != topic.partitions:
            found = str(partitions[topic.name])
            differences.append(Difference(topic.name, "partitions", str(topic.partitions), found))
        for entry, value in topic.config.items():
            found = configs[topic.name].get(entry, "")
            if found != value:
                differences.append(Difference(topic.name, entry, value, found))
    missing = tuple(topic for topic in wanted if topic.name not in existing)
    return Plan(wanted, missing, tuple(differences))


async def create(admin: "AIOKafkaAdminClient", missing: Iterable[Wanted]) -> None:
    """Create topics; one that another process created meanwhile is as good."""
    from aiokafka.admin import NewTopic  # noqa: PLC0415 - see `admin_client`

    new = [
        NewTopic(topic.name, topic.partitions, topic.replication_factor, topic_configs=dict(topic.config))
        for topic in missing
    ]
    if not new:
        return
    answer = await admin.create_topics(new)
    refused = [(name, code, text) for name, code, text in answer.topic_errors if code not in {0, _ALREADY_EXISTS}]
    if refused:
        raise TopicsError("\n".join(f"{name} was not created: {text} (error {code})" for name, code, text in refused))


async def fitted(settings: Settings) -> Settings:
    """The settings with the partition count that the broker's source topics have, where nobody set one.

    Raises TopicsError where topics that are read together differ, or are not as the settings say: partition n of one
    would then belong to another worker than partition n of the other, and every count would be wrong.
    """
    wanted = [each for each in wanted_topics(settings) if each.name in _co_partitioned(settings)]
    async with admin_client(settings) as admin:
        existing = set(await admin.list_topics())
        described = await _described(admin, [topic for topic in wanted if topic.name in existing])
    counts = {each["topic"]: len(each["partitions"]) for each in described}
    found = set(counts.values())
    is_set = "partitions" in settings.model_fields_set
    if len(found) > 1 or (is_set and found - {settings.partitions}):
        expected = f"TOCSIN_PARTITIONS={settings.partitions}" if is_set else "the same number everywhere"
        told = "".join(f"\n  {name}: {count} partitions" for name, count in sorted(counts.items()))
        raise TopicsError(f"topics that are read together need {expected}; found{told}")
    return settings.model_copy(update={"partitions": found.pop()}) if found else settings


def _co_partitioned(settings: Settings) -> set[str]:
    tables = (*(topic for topic in topics.ALL if topic.is_co_partitioned), *CHANGELOGS)
    return {settings.topic_prefix + topic.name for topic in tables}


async def ensure_topics(settings: Settings) -> Plan:
    """Create what is missing and say how things stand afterwards."""
    wanted = wanted_topics(settings)
    async with admin_client(settings) as admin:
        plan = await compare(admin, wanted)
        if not plan.missing:
            return plan
        created = len(plan.missing)
        await create(admin, plan.missing)
        for _ in range(_LOOKS):  # a broker learns what its controller created a moment later
            plan = await compare(admin, wanted)
            if not plan.missing:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return replace(plan, created=created - len(plan.missing))


async def _described(admin: "AIOKafkaAdminClient", present: list[Wanted]) -> list[dict[str, Any]]:
    return list(await admin.describe_topics([topic.name for topic in present])) if present else []


async def _configs(admin: "AIOKafkaAdminClient", names: list[str]) -> dict[str, dict[str, str]]:
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # noqa: PLC0415

    if not names:
        return {}
    answers = await admin.describe_configs(
        [ConfigResource(ConfigResourceType(_TOPIC_RESOURCE), name) for name in names]
    )
    # of a resource: error, message, type, name, entries; of an entry: name, value, …
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
