"""The board as it was, from a real Kafka: what stood on the topics by then, and nothing that came later."""

import asyncio

from agents.board.past import PICTURES_MAX, Past
from agents.board.query import AlertQuery, IncidentQuery
from agents.board.reader import wall_ms
from agents.engine.transactions import partition_of
from agents.settings import Settings
from agents.topics import ensure_topics
from pipeline.times import DAY_MS, HOUR_MS, MINUTE_MS
from schemas import codec
from schemas.incidents import IncidentState
from schemas.topics import ALERTS, INCIDENTS, WINDOWS
from schemas.vocabulary import Level
from tests.support.boards import incident, quoted, window
from tests.support.kafka import Kafka
from tests.support.topics import Sent, write_records

KEY = b"440000"


def test_a_moment_knows_what_was_known_then(kafka: Kafka) -> None:
    """A late correction and a later alert are not there yet; an alert of two days before is no longer there.

    Incidents stand as they stood: one that was open for days, and one that was resolved later; a third came later.
    """
    settings = Settings(broker=(kafka.bootstrap,), topic_prefix=kafka.prefix())
    at_ms = wall_ms() // MINUTE_MS * MINUTE_MS - 3 * HOUR_MS
    minute_ms = at_ms - 10 * MINUTE_MS

    def sent(topic, value, written_ms, key=KEY):
        return Sent(settings.topic_prefix + topic.name, partition_of(key, 4), key, codec.encode(value), written_ms)

    def alert(number, when_ms):
        return sent(ALERTS, quoted(number, "我要投诉", occurred_at=when_ms, emitted_at=when_ms), when_ms)

    def told_of(number, when_ms, state):
        value = incident(number, opened_at=when_ms, updated_at=when_ms, state=state)
        return sent(INCIDENTS, value, when_ms, key=value.incident_id.encode())

    records = [
        told_of(1, at_ms - 10 * DAY_MS, IncidentState.OPEN),
        told_of(2, minute_ms, IncidentState.ACKED),
        told_of(2, at_ms + MINUTE_MS, IncidentState.RESOLVED),
        told_of(3, at_ms + MINUTE_MS, IncidentState.OPEN),
        alert(0, at_ms - 2 * DAY_MS),
        alert(1, minute_ms),
        sent(WINDOWS, window(minute_ms, version=1), minute_ms + MINUTE_MS),
        sent(WINDOWS, window(minute_ms, version=2, alerts={Level.EXPLICIT: 5}), at_ms + MINUTE_MS),
        alert(2, at_ms + MINUTE_MS),
    ]

    async def look() -> None:
        await ensure_topics(settings)
        await write_records(kafka.bootstrap, records)
        past = Past(settings)
        then, later = await past.at(at_ms), await past.at(at_ms + HOUR_MS // 2)
        assert [each.id for each in then.alerts(AlertQuery()).items] == [quoted(1, "").alert_id]
        assert then.tile(KEY.decode(), now_ms=at_ms).spans["1h"].alerts == {Level.EXPLICIT: 2}
        states = [{each.id: each.state for each in it.incidents(IncidentQuery()).items} for it in (then, later)]
        assert states[0] == {"i1": IncidentState.OPEN, "i2": IncidentState.ACKED}
        assert states[1] == {"i1": IncidentState.OPEN, "i3": IncidentState.OPEN}
        assert later.alerts(AlertQuery()).total == 2
        assert later.tile(KEY.decode(), now_ms=at_ms + HOUR_MS // 2).spans["1h"].alerts == {Level.EXPLICIT: 5}
        assert await past.at(at_ms + 1) is then
        for number in range(PICTURES_MAX):
            await past.at(at_ms - (number + 1) * MINUTE_MS)
        assert await past.at(at_ms) is not then

    asyncio.run(look())
