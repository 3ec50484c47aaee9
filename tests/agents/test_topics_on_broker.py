"""Topics on a real broker: what is missing is created, what differs is reported, nothing is changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agents.product import build_product
from agents.settings import Settings
from agents.topics import TopicsError, admin_client, compare, create, ensure_topics, wanted_topics
from schemas import topics
from tests.support.kafka import Kafka


@pytest.fixture
def settings(kafka: Kafka) -> Settings:
    """Settings for the session's broker under a fresh prefix."""
    return Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix(), partitions=2)


async def test_what_is_missing_is_created_as_the_table_says(settings: Settings) -> None:
    """Afterwards every topic and every changelog is there, and a second run finds nothing to do."""
    async with admin_client(settings) as admin:
        before = await compare(admin, wanted_topics(settings))
    assert {topic.name for topic in before.missing} == {
        settings.topic_prefix + name
        for name in (*topics.by_name, *(stage.changelog.name for stage in build_product(settings).stages))
    }
    assert len(before.problems) == len(before.missing)
    after = await ensure_topics(settings)
    assert (after.missing, after.differences, after.problems) == ((), (), [])
    assert (await ensure_topics(settings)).differences == ()


async def test_what_differs_is_reported_and_left_alone(settings: Settings) -> None:
    """A partition count or clean-up that is wrong blocks a worker; a retention of the operator's own does not."""
    ticks, clocks = (topic for topic in wanted_topics(settings) if topic.name.endswith(("ticks", "sla.clocks")))
    if "sla" in ticks.name:
        ticks, clocks = clocks, ticks
    hour = str(timedelta(hours=1) // timedelta(milliseconds=1))
    async with admin_client(settings) as admin:
        await create(admin, [replace(ticks, partitions=3, config={**ticks.config, "retention.ms": hour})])
        await create(admin, [replace(clocks, config={"cleanup.policy": "delete"})])
        await create(admin, [ticks])  # exists already: not an error
    plan = await ensure_topics(settings)
    found = {(each.topic.removeprefix(settings.topic_prefix), each.what) for each in plan.differences}
    assert found == {
        ("ticks", "partitions"),
        ("ticks", "retention.ms"),
        ("sla.clocks", "cleanup.policy"),
        ("sla.clocks", "retention.ms"),
    }
    assert len(plan.problems) == 2
    assert "ticks: partitions is 3, expected 2" in "\n".join(plan.problems)


async def test_a_refused_topic_is_named(settings: Settings) -> None:
    """More replicas than brokers is the broker's no, told with its own words."""
    impossible = settings.model_copy(update={"replication_factor": 3})
    wanted = wanted_topics(impossible)
    assert wanted[0].config["min.insync.replicas"] == "2"
    with pytest.raises(TopicsError, match=r"calls\.utterances was not created"):
        await ensure_topics(impossible)
