"""Whatever stands in a body: no adapter raises or hangs, and what comes out is what a worker accepts."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.description import Chatwoot, Zendesk
from pipeline.intake.people import CustomerKeys
from pipeline.intake.translate import translator_of
from pipeline.intake.written import IntakeError, read_intake
from schemas import codec
from schemas.deadletters import DeadLetter
from tests.support import webhooks
from tests.support.webhooks import COMPANY_SECRET, GENERIC_SOURCE, NOON_MS

KEYS = CustomerKeys(COMPANY_SECRET)
SECRETS = [{"env": "SOME_SECRET"}]
GENERIC = (
    GENERIC_SOURCE
    + """\
      - topic: tickets.events
        each: sender
        fields:
          ticket_id: item.id
          event: {from: event, map: {a: created}, else: updated}
          status: {from: status, default: open}
          priority: {value: normal}
          tags: labels
          caller_prefix: [content]
          occurred_at: {from: [created_at, time], plus: id}
""".replace("caller_prefix: [content]", "caller_prefix: {from: [content]}")
)
TRANSLATORS = {
    "zendesk": translator_of(Zendesk(kind="zendesk", name="z", path="/z", secrets=SECRETS), KEYS),
    "chatwoot": translator_of(Chatwoot(kind="chatwoot", name="c", path="/c", secrets=SECRETS), KEYS),
    "generic": translator_of(read_intake("intake.yaml", GENERIC.encode()).sources[0], KEYS),
}
BODIES = [
    webhooks.zendesk(),
    webhooks.zendesk_comment(),
    webhooks.zendesk_message(),
    webhooks.zendesk("status_changed", {"previous": "OPEN", "current": "SOLVED"}),
    webhooks.chatwoot_message(),
    webhooks.chatwoot_conversation("conversation_updated", {"priority": (None, "urgent")}),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["\x00", "a\x00b", "x" * 9_000, "2026-01-01T04:00:00Z", "0001-01-01T00:00:00+14:00", "1e309", "²"]
    )
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@st.composite
def spoiled(draw):
    """A body of a vendor in which some values, anywhere, were exchanged for others."""
    body = json.loads(json.dumps(draw(st.sampled_from(BODIES))))
    for _ in range(draw(st.integers(1, 4))):
        place = body
        while True:
            inner = [key for key, value in _entries(place) if isinstance(value, dict | list) and value]
            if not inner or draw(st.booleans()):
                break
            place = place[draw(st.sampled_from(inner))]
        keys = [key for key, _ in _entries(place)]
        if keys:
            place[draw(st.sampled_from(keys))] = draw(VALUES)
    return body


def _entries(place):
    return list(place.items() if isinstance(place, dict) else enumerate(place))


def accepted(translation, data, translator):
    """Check a translation: a worker's codec takes every record, and a dead letter can be written."""
    for record in translation.records:
        given_record = codec.Record(0, NOON_MS, record.key, record.value)
        decoded = codec.decode_batch(record.topic, [given_record], 0)
        assert not decoded.refusals, str(decoded.refusals[0])
        assert decoded.events[0] == record.event
    if translation.faults:
        letter = translator.letter(data, translation, received_ms=NOON_MS, worker_version="1")
        assert json.loads(codec.encode(letter))["schema"] == DeadLetter.SCHEMA


@pytest.mark.parametrize("name", TRANSLATORS)
@given(body=spoiled() | VALUES)
def test_no_body_breaks_an_adapter(name, body):
    """Deep, huge, of the wrong type, with null bytes: events that a worker accepts, or faults."""
    data = json.dumps(body).encode()
    accepted(TRANSLATORS[name].translate(data, received_ms=NOON_MS), data, TRANSLATORS[name])


@pytest.mark.parametrize("name", TRANSLATORS)
@given(data=st.binary(max_size=200))
def test_no_bytes_break_an_adapter(name, data):
    """What is no JSON at all."""
    accepted(TRANSLATORS[name].translate(data, received_ms=NOON_MS), data, TRANSLATORS[name])


@pytest.mark.parametrize("name", TRANSLATORS)
@given(body=spoiled())
def test_a_body_is_read_the_same_way_twice(name, body):
    """A vendor's retry gives records that are equal to the byte, whenever it comes."""
    data = json.dumps(body).encode()
    first = TRANSLATORS[name].translate(data, received_ms=NOON_MS)
    again = TRANSLATORS[name].translate(data, received_ms=NOON_MS + 60_000)
    assert [record.event.event_id for record in first.records] == [record.event.event_id for record in again.records]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_no_text_breaks_the_reading_of_a_description(text):
    """Whatever was written, it is read or it is a list of problems."""
    assert all(problems(whole) is not None for whole in (text, GENERIC + text))


def problems(text):
    """What is said of a description; nothing of a good one."""
    try:
        read_intake("intake.yaml", text.encode())
    except IntakeError as error:
        return error.problems
    return ()


WRITTEN = yaml.safe_load(GENERIC)


@given(st.data())
def test_no_structure_breaks_the_reading_of_a_description(data):
    """A description in which any value was exchanged is read or is a list of problems."""
    place = json.loads(json.dumps(WRITTEN))
    whole = place
    while True:
        entries = _entries(place)
        key = data.draw(st.sampled_from([key for key, _ in entries]))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(VALUES)
            break
        place = place[key]
    assert all(problem.line >= 0 and problem.what for problem in problems(yaml.safe_dump(whole)))
