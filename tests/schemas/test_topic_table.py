"""The topic table: complete, consistent, and what a broker is told."""

from datetime import timedelta

import pytest

from schemas import topics
from schemas.topics import CleanUp, Direction, Topic

NAMES = {
    "calls.utterances", "chats.messages", "tickets.events", "feedback.responses", "agents.states", "alerts.actions",
    "alerts.audit",
    "quality.actions", "bots.handovers", "quality.findings",
    "complaints.tagged", "complaints.alerts", "agents.hints", "tickets.commands", "regions.windows", "sla.clocks",
    "tickets.links", "tickets.signals", "tickets.desk", "tickets.hot",
    "words.sayings", "words.hot",
    "promises.events", "promises",
    "incidents", "incidents.crossings", "labels.verdicts", "notifications",
    "receipts", "deadletters", "ticks", "rules.packs", "rules.states",
    "customers.contacts", "customers.contexts",
    "feedback.judgements", "kpis.tallies", "kpis.hours",
}  # fmt: skip


def test_every_topic_of_the_house_is_there():
    """The names others read and write are a contract."""
    assert [topic.name for topic in topics.ALL] == list(topics.by_name)
    assert set(topics.by_name) == NAMES


def test_snapshots_are_compacted_and_nothing_else_is():
    """A snapshot is kept by key for ever; everything else is kept for a time."""
    compacted = {topic.name for topic in topics.ALL if topic.clean_up is CleanUp.COMPACT}
    assert compacted == {"sla.clocks", "incidents", "labels.verdicts", "promises", "rules.packs", "rules.states"}
    assert compacted == {topic.name for topic in topics.ALL if topic.retention is None}


def test_what_stages_read_is_partitioned_alike():
    """Sources and ticks share the number of partitions; what we only write need not."""
    assert {topic.name for topic in topics.ALL if not topic.is_co_partitioned} == {
        topic.name for topic in topics.ALL if topic.direction is Direction.OUTBOUND
    }
    assert topics.TICKS.is_co_partitioned


@pytest.mark.parametrize("topic", [each for each in topics.ALL if each.key_field], ids=lambda topic: topic.name)
def test_a_key_that_is_checked_is_a_field_of_every_message(topic):
    """Otherwise each record would be refused."""
    assert topic.is_inbound
    assert all(topic.key_field in kind.__struct_fields__ for kind in topic.messages)


def test_what_the_broker_is_told():
    """Retention in milliseconds, room for a letter around the largest record, and how long each version stays."""
    assert topics.TICKS.config == {"cleanup.policy": "delete", "retention.ms": str(6 * 60 * 60 * 1000)}
    assert topics.WINDOWS.config == {"cleanup.policy": "delete", "retention.ms": str(35 * 24 * 60 * 60 * 1000)}
    assert topics.INCIDENTS.config["min.compaction.lag.ms"] == topics.WINDOWS.config["retention.ms"]
    assert topics.DEADLETTERS.config["max.message.bytes"] == str(4 * 1024 * 1024)
    assert topics.DEADLETTERS.retention > max(t.retention for t in topics.ALL if t.is_inbound)


def test_a_changelog_of_a_stage_needs_no_more_than_five_words():
    """What the engine makes for each stage has the defaults of an internal topic."""
    changelog = Topic("stage-changelog", "row key", (), CleanUp.COMPACT, None)
    assert changelog.is_co_partitioned
    assert not changelog.is_inbound
    assert Topic("plain", "key", ()).retention == timedelta(days=7)
