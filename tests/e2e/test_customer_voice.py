"""Feedback on a real Kafka: answers become figures within a minute, a comment is tagged, a wrong scale is refused."""

import asyncio
import time
from pathlib import Path

import msgspec

from agents.engine.transactions import partition_of
from agents.settings import Settings
from pipeline.kpis.measure import mean, sum_of
from schemas import codec
from schemas.feedback import FeedbackJudgement
from schemas.kpis import Kpi, KpiHour
from schemas.tagged import Sentiment, Tag
from schemas.topics import DEADLETTERS, FEEDBACK, JUDGEMENTS, KPI_HOURS, TAGGED
from schemas.vocabulary import ChannelClass, Level
from tests.e2e.test_service_quality import values
from tests.support.cluster import Cluster, wait_until
from tests.support.disruptions import WORKER, environment, is_ready
from tests.support.feedback import NOON_MS, answer
from tests.support.kafka import Kafka
from tests.support.topics import Sent, settled, write_records

ANSWERS, PARTITIONS = 20, 4


def test_answers_go_through_kafka(kafka: Kafka, tmp_path: Path) -> None:
    """Twenty answers over all partitions: half promoters, half detractors, one comment that complains."""
    prefix = kafka.prefix()
    now_ms = int(time.time() * 1000)
    given = [answer(number, "nps", 10 if number % 2 else 2, now_ms - NOON_MS) for number in range(ANSWERS)]
    given.append(answer(ANSWERS, "csat", 1, now_ms - NOON_MS, comment="客服推来推去，我要投诉你们"))
    bodies = [codec.encode(each) for each in given]
    bodies.append(bodies[0].replace(b'"scale_max":10', b'"scale_max":5').replace(b'"f0"', b'"f-wrong"'))
    keys = [f"customer-{number}".encode() for number in range(len(bodies))]
    records = [
        Sent(prefix + FEEDBACK.name, partition_of(key, PARTITIONS), key, body, now_ms)
        for key, body in zip(keys, bodies, strict=True)
    ]

    def figures() -> dict[str, float | None]:
        hours = [msgspec.convert(each, KpiHour) for each in values(kafka.bootstrap, prefix, KPI_HOURS)]
        newest = {(each.subject, each.hour_start): each for each in hours}
        of_region = [each.measures for (subject, _), each in newest.items() if subject == "region:440000"]
        total = sum_of([each[Kpi.NPS] for each in of_region if Kpi.NPS in each])
        return {"n": total.n, "nps": mean(total)}

    asyncio.run(settled(Settings(broker=(kafka.bootstrap,), topic_prefix=prefix)))
    with Cluster(tmp_path, environment(kafka.bootstrap, prefix), command=WORKER) as cluster:
        cluster.scale(1)
        wait_until(is_ready(cluster, 1), what="the worker takes its partitions over")
        asyncio.run(write_records(kafka.bootstrap, records, per_second=None))
        # A count takes a minute.
        wait_until(lambda: figures()["n"] == ANSWERS, within_seconds=300, what="the figures of the region")
        for topic, count in ((TAGGED, 1), (JUDGEMENTS, ANSWERS + 1), (DEADLETTERS, 1)):
            wait_until(
                lambda topic=topic, count=count: len(values(kafka.bootstrap, prefix, topic)) >= count,
                what=f"{count} on {topic.name}",
            )
    assert figures() == {"n": ANSWERS, "nps": 0.0}
    (tag,) = [msgspec.convert(each, Tag) for each in values(kafka.bootstrap, prefix, TAGGED)]
    assert (tag.channel, tag.level) == (ChannelClass.FEEDBACK, Level.EXPLICIT)
    judged = [msgspec.convert(each, FeedbackJudgement) for each in values(kafka.bootstrap, prefix, JUDGEMENTS)]
    assert len(judged) == ANSWERS + 1
    assert [each.sentiment for each in judged if each.sentiment] == [Sentiment.NEGATIVE]
    (letter,) = values(kafka.bootstrap, prefix, DEADLETTERS)
    assert (letter["reason"], letter["path"]) == ("schema", "$.scale_max")
