"""Which topics of ours the broker has, and with how many partitions: asked once, before anything is sent or read."""

from typing import NamedTuple

from agents.recording.records import Recorded
from agents.settings import Settings
from agents.topics import admin_client
from pipeline.errors import TocsinError


class MissingTopicError(TocsinError):
    """A topic, or a partition of it, is not on the broker."""


class Layout(NamedTuple):
    """Partition counts by full topic name."""

    bootstrap: str
    prefix: str
    partitions: dict[str, int]

    def require(self, *topics: str) -> None:
        """Raise where one of the topics, named in full, is missing."""
        missing = sorted(set(topics) - set(self.partitions))
        if missing:
            raise MissingTopicError(f"no topic {', '.join(missing)} on {self.bootstrap}; run: tocsin topics apply")

    def name_of(self, record: Recorded) -> str:
        """The full name of a record's topic, which must have the partition that the record names."""
        topic = self.prefix + record.topic
        self.require(topic)
        if record.partition is not None and record.partition >= self.partitions[topic]:
            raise MissingTopicError(f"{topic} has {self.partitions[topic]} partitions, no partition {record.partition}")
        return topic


async def layout_of(settings: Settings) -> Layout:
    """Ask the broker for the topics under the settings' prefix."""
    async with admin_client(settings) as admin:
        names = [name for name in await admin.list_topics() if name.startswith(settings.topic_prefix)]
        described = await admin.describe_topics(names) if names else []
    partitions = {each["topic"]: len(each["partitions"]) for each in described}
    return Layout(settings.bootstrap, settings.topic_prefix, partitions)
