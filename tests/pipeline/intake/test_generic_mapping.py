"""The generic mapping: what a description says is what an event holds, for every inbound contract."""

import json

import pytest
import yaml

from pipeline.intake.people import CustomerKeys
from pipeline.intake.translate import translator_of
from pipeline.intake.written import read_intake
from pipeline.places.resolve import PlaceTables, resolve_region
from schemas.vocabulary import Category
from tests.support.webhooks import (
    COMPANY_SECRET,
    CUSTOMER,
    GENERIC_SOURCE,
    NOON,
    NOON_MS,
    PHONE,
    contact_lens,
    transcription,
)

KEYS = CustomerKeys(COMPANY_SECRET)
BASE = {"name": "crm", "kind": "generic", "path": "/in/crm", "secrets": [{"env": "CRM"}], "auth": {"scheme": "bearer"}}
CHAT = {
    "conversation_id": "room",
    "message_id": "id",
    "role": {"from": "who", "map": {"1": "customer", "2": "agent"}, "else": "system"},
    "sender_id": "user",
    "channel": {"value": "wechat"},
    "text": "said",
    "content_type": {"value": "text"},
    "sent_at": {"from": "at", "unit": "seconds"},
    "occurred_at": {"from": "at", "unit": "seconds"},
}
SAID = {"room": 9, "id": "m-1", "who": 1, "user": CUSTOMER, "said": "太失望了", "at": NOON_MS // 1000}


def translation(records, body, **source):
    """What a body becomes under these record rules."""
    written = {"customer_secret": {"env": "COMPANY"}, "sources": [BASE | source | {"records": records}]}
    intake = read_intake("intake.yaml", yaml.safe_dump(written, allow_unicode=True).encode())
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return translator_of(intake.sources[0], KEYS).translate(data, received_ms=NOON_MS)


def events(records, body, **source):
    """The events of a body that has no faults."""
    found = translation(records, body, **source)
    assert not found.faults, found.faults
    return [record.event for record in found.records]


def chat(**changes):
    """The chat rule with some fields written in another way; None leaves one out."""
    fields = {name: rule for name, rule in (CHAT | changes).items() if rule is not None}
    return [{"topic": "chats.messages", "schema": "chat.message/1", "fields": fields}]


def test_paths_tables_constants_and_units():
    """Numbers become ids, codes become words, seconds become milliseconds, the customer becomes a key."""
    [message] = events(chat(), SAID)
    assert (message.conversation_id, message.message_id, message.role) == ("9", "m-1", "customer")
    assert (message.channel, message.text, message.sent_at) == ("wechat", "太失望了", NOON_MS)
    assert message.sender_id == KEYS.key("crm", CUSTOMER)
    [other] = events(chat(), SAID | {"who": 2})
    assert (other.role, other.sender_id) == ("agent", CUSTOMER)
    assert events(chat(), SAID | {"who": 77})[0].role == "system"


def test_a_body_sent_twice_is_the_same_event():
    """Without an id of its own the body's digest makes one."""
    first, again, other = (events(chat(), body)[0].event_id for body in (SAID, SAID, SAID | {"said": "别的"}))
    assert first == again != other
    assert events(chat(event_id="id"), SAID)[0].event_id == "crm:m-1"


@pytest.mark.parametrize(
    ("rule", "body", "wanted"),
    [
        ({"from": ["a", "b"]}, {"b": "x"}, "x"),
        ({"from": ["a", "b"]}, {"a": "", "b": "x"}, "x"),
        ({"from": "a", "default": "x"}, {}, "x"),
        ({"from": "a", "default": "x"}, {"a": None}, "x"),
        ({"from": "a", "map": {"y": "x"}, "default": "x"}, {"a": "unknown"}, "x"),
        ({"join": ["a", "b"]}, {"a": 1, "b": "x"}, "1-x"),
        ("a.0.b", {"a": [{"b": "x"}]}, "x"),
        ("body.item", {"item": "x"}, "x"),
        ({"value": 7}, {}, "7"),
    ],
)
def test_where_a_text_comes_from(rule, body, wanted):
    """The first that is there, parts joined, an element of a list, a constant, a default."""
    assert events(chat(product=rule), SAID | body)[0].product == wanted


@pytest.mark.parametrize(
    ("rule", "body", "wanted"),
    [
        pytest.param("said", {"said": ""}, "", id="a picture without a caption"),
        pytest.param(
            {"from": ["said", "caption"]}, {"said": "", "caption": "发票"}, "发票", id="another place has one"
        ),
        pytest.param({"from": ["caption", "said"]}, {"said": ""}, "", id="nowhere anything"),
        pytest.param({"from": "said", "default": "图"}, {"said": ""}, "图", id="a default"),
    ],
)
def test_an_empty_text_is_not_a_missing_one(rule, body, wanted):
    """The first that says something; where none does, nothing was said."""
    assert events(chat(text=rule), SAID | body)[0].text == wanted


def test_an_empty_id_is_a_missing_one():
    """What must not be empty is refused as before, and what need not be there stays out."""
    assert [fault.path for fault in translation(chat(), SAID | {"id": ""}).faults] == ["$.message_id"]
    assert events(chat(product="product"), SAID | {"product": ""})[0].product is None


EIGHT_MS = NOON_MS - 4 * 3_600_000
LOCAL = "2026-01-01 08:00:00"


@pytest.mark.parametrize(
    ("value", "of_source", "of_field", "wanted"),
    [
        pytest.param(LOCAL, "Asia/Shanghai", None, EIGHT_MS, id="of the source"),
        pytest.param(LOCAL, None, "Asia/Shanghai", EIGHT_MS, id="of the field"),
        pytest.param(LOCAL, "UTC", "Asia/Shanghai", EIGHT_MS, id="the field's comes first"),
        pytest.param("2026-01-01T08:00:00.5", "Asia/Shanghai", None, EIGHT_MS + 500, id="with a T and a fraction"),
        pytest.param(NOON, "America/New_York", None, NOON_MS, id="a time with its own"),
        pytest.param(NOON_MS, "Asia/Shanghai", None, NOON_MS, id="a number"),
    ],
)
def test_a_time_without_a_zone_is_one_of_the_zone_that_is_named(value, of_source, of_field, wanted):
    """Systems in China write their local time."""
    at = {"from": "at"} | ({"zone": of_field} if of_field else {})
    source = {"zone": of_source} if of_source else {}
    found = events(chat(occurred_at=at, sent_at=dict(at)), SAID | {"at": value}, **source)
    assert (found[0].occurred_at, found[0].sent_at) == (wanted, wanted)


@pytest.mark.parametrize(
    ("value", "zone", "told"),
    [
        pytest.param(LOCAL, {}, "a time with its zone, or seconds; write `zone: Asia/Shanghai`", id="without a zone"),
        pytest.param(
            "eight", {"zone": "UTC"}, f"a time such as {LOCAL}, or seconds; it is filled from at", id="no time"
        ),
        pytest.param(-1, {}, "an integer", id="a number that is out of range"),
        pytest.param(None, {}, "the field is missing", id="nothing"),
    ],
)
def test_what_is_no_time_is_told_what_would_be_one(value, zone, told):
    """The contract's milliseconds are not what the sender can write."""
    fault = translation(chat(), SAID | {"at": value}, **zone).faults[0]
    assert fault.expected.startswith(told) or told in fault.expected
    assert str(value) not in fault.expected or value in {None, -1}


AREAS = (
    GENERIC_SOURCE
    + """\
      - topic: calls.utterances
        schema: call.utterance/1
        fields:
          conversation_id: call
          utterance_id: {value: 7}
          revision: {value: 0}
          is_final: {value: true}
          role: {value: customer}
          text: text
          start_ms: {value: 0}
          end_ms: {value: -0}
          occurred_at: {received: true}
          lang: {value: no}
          queue: {from: city, map: {杭州: 0571, 广州: 020, 海口: 0898, 早班: 8:30, 国家: +86, 十六: 0x10, 一: 1}}
"""
)


@pytest.mark.parametrize(
    ("city", "queue"),
    [
        ("杭州", "0571"),
        ("广州", "020"),
        ("海口", "0898"),
        ("早班", "8:30"),
        ("国家", "+86"),
        ("十六", "0x10"),
        ("一", "1"),
    ],
)
def test_constants_are_what_was_written(city, queue):
    """YAML 1.1 would make an octal number of an area code, minutes of a time, false of Norwegian."""
    source = read_intake("intake.yaml", AREAS.encode()).sources[0]
    body = json.dumps({"call": "c1", "text": "你好", "city": city}).encode()
    [record] = translator_of(source, KEYS).translate(body, received_ms=NOON_MS).records
    assert (record.event.queue, record.event.lang, record.event.utterance_id) == (queue, "no", "7")
    assert record.event.is_final is True


@pytest.mark.parametrize(
    ("value", "unit", "wanted"),
    [
        (NOON, "milliseconds", NOON_MS),
        (NOON_MS, "milliseconds", NOON_MS),
        (str(NOON_MS), "milliseconds", NOON_MS),
        (NOON_MS / 1000, "seconds", NOON_MS),
        (NOON, "seconds", NOON_MS),
        ("2026-01-01T12:00:00.5+08:00", "milliseconds", NOON_MS + 500),
    ],
)
def test_times(value, unit, wanted):
    """Written out, or as a number in the unit that the mapping says."""
    rule = {"from": "at", "unit": unit}
    assert events(chat(occurred_at=rule, sent_at=dict(rule)), SAID | {"at": value})[0].occurred_at == wanted


def test_conditions_choose_the_rule():
    """Each record rule looks at the body; none of them means that nothing here is for us."""
    rules = [{**chat()[0], "when": {"kind": ["msg", "note"], "v": 2}, "has": ["said"]}]
    assert len(events(rules, SAID | {"kind": "note", "v": "2"})) == 1
    assert events(rules, SAID | {"kind": "typing", "v": 2}) == []
    assert events(rules, {"kind": "msg", "v": 2}) == []


def test_each_element_of_a_list_is_an_event():
    """One that is wrong does not stop its neighbours, and an empty list is no fault."""
    rules = [{**chat(message_id="item.id", text="item.said")[0], "each": "batch"}]
    body = SAID | {"batch": [{"id": 1, "said": "一"}, {"said": "没有编号"}, {"id": 3, "said": "三"}]}
    found = translation(rules, body)
    assert [record.event.text for record in found.records] == ["一", "三"]
    assert len({record.event.event_id for record in found.records}) == 2
    assert [(fault.path, fault.category) for fault in found.faults] == [("$.message_id", Category.SCHEMA)]
    assert events(rules, SAID | {"batch": []}) == events(rules, SAID) == []
    assert translation(rules, SAID | {"batch": {}}).faults[0].path == "$.batch"
    assert translation(rules, SAID | {"batch": [{}] * 501}).faults[0].category is Category.TOO_LARGE


FINAL_REVISION = 2_147_483_647


SEGMENTS = {
    "event_id": "id",
    "conversation_id": "call",
    "utterance_id": "item.id",
    "revision": {"value": 0},
    "is_final": {"value": True},
    "role": {"value": "customer"},
    "text": "item.text",
    "start_ms": {"value": 0},
    "end_ms": {"value": 0},
    "occurred_at": {"received": True},
}
HELLO, COMPLAINT = {"id": "1", "text": "你好"}, {"id": "2", "text": "我要打12315投诉你们"}


@pytest.mark.parametrize(
    ("own_ids", "wanted"),
    [
        pytest.param(["evt-1"], ["crm:evt-1", "crm:evt-1:1", "crm:evt-1:2"], id="one id for the whole body"),
        pytest.param(["a", "b", "c"], ["crm:a", "crm:b", "crm:c"], id="an id each"),
        pytest.param(["a", "a", "b"], ["crm:a", "crm:a:1", "crm:b"], id="two share theirs"),
        pytest.param(["a:1", "a", "a"], ["crm:a:1", "crm:a", "crm:a:2"], id="one that looks like a position"),
        pytest.param(["a", "a", "a:1"], ["crm:a", "crm:a:1", "crm:a:1:2"], id="one that is already taken"),
    ],
)
def test_events_that_share_an_id_of_the_sender_are_told_apart(own_ids, wanted):
    """Readers would drop the second as a repeat of the first; a body sent again has the same ids."""
    rules = [rule("call.utterance/1", SEGMENTS | {"event_id": "item.event"}, each="segs")]
    segments = [{"id": str(at), "text": "你好", "event": own_ids[at % len(own_ids)]} for at in range(3)]
    found = [events(rules, {"call": "c1", "segs": segments}) for _ in range(2)]
    assert [event.event_id for event in found[0]] == wanted
    assert found[0] == found[1]


def test_an_event_that_stands_twice_in_a_body_is_a_repeat():
    """Only what differs is another event."""
    body = {"id": "evt-1", "call": "c1", "segs": [HELLO, COMPLAINT, COMPLAINT, HELLO]}
    found = events([rule("call.utterance/1", SEGMENTS, each="segs")], body)
    assert [event.event_id for event in found] == ["crm:evt-1", "crm:evt-1:1", "crm:evt-1:1", "crm:evt-1"]


def test_two_rules_for_one_body_make_two_events():
    """Also where both take the sender's id."""
    about = {"conversation_id": "call", "occurred_at": {"received": True}, "event_id": "id"}
    ended = rule("call.lifecycle/1", about | {"phase": {"value": "ended"}, "duration_ms": {"value": 5}})
    first = {**SEGMENTS, "utterance_id": {"value": "1"}, "text": "said"}
    found = events([rule("call.utterance/1", first), ended], {"id": "evt-1", "call": "c1", "said": "你好"})
    assert [event.event_id for event in found] == ["crm:evt-1", "crm:evt-1:1"]


def rule(schema, fields, **more):
    """A rule for a call's events."""
    return {"topic": "calls.utterances", "schema": schema, "fields": fields, **more}


def contact_lens_rules():
    """Partials by revision: what is still being said has its end as revision, what was said the highest of all."""

    def rule(part, text, utterance, revision, *, final):
        fields = {
            "conversation_id": "ContactId",
            "utterance_id": f"item.{part}.{utterance}",
            "revision": revision,
            "is_final": {"value": final},
            "role": {"from": f"item.{part}.ParticipantRole", "map": {"CUSTOMER": "customer", "AGENT": "agent"}},
            "text": f"item.{part}.{text}",
            "start_ms": f"item.{part}.BeginOffsetMillis",
            "end_ms": f"item.{part}.EndOffsetMillis",
            "lang": "LanguageCode",
            "occurred_at": {"received": True},
        }
        when = {"EventType": "SEGMENTS"}
        return {
            "topic": "calls.utterances",
            "schema": "call.utterance/1",
            "each": "Segments",
            "when": when,
            "has": [f"item.{part}"],
            "fields": fields,
        }

    return [
        rule("Utterance", "PartialContent", "TranscriptId", "item.Utterance.EndOffsetMillis", final=False),
        rule("Transcript", "Content", "Id", {"value": FINAL_REVISION}, final=True),
    ]


def test_partials_of_a_call_are_replaced_by_revision():
    """Both halves name the same utterance; the final one has the higher revision."""
    [partial] = events(contact_lens_rules(), contact_lens(final=False))
    [final] = events(contact_lens_rules(), contact_lens(final=True))
    assert partial.utterance_id == final.utterance_id == "seg-7"
    assert (partial.is_final, final.is_final) == (False, True)
    assert partial.revision < final.revision
    assert (final.text, final.start_ms, final.end_ms, final.role) == ("再不解决我就打12315", 41_000, 44_500, "customer")
    assert final.occurred_at == NOON_MS


def test_transcripts_with_offsets_from_the_start_of_a_session():
    """A moment is the session's start plus an offset; the end is the offset plus how long it took."""
    fields = {
        "event_id": {"join": ["eventBody.conversationId", "item.utteranceId"]},
        "conversation_id": "eventBody.conversationId",
        "utterance_id": "item.utteranceId",
        "revision": {"value": 0},
        "is_final": "item.isFinal",
        "role": {"from": "item.channel", "map": {"EXTERNAL": "customer", "INTERNAL": "agent"}},
        "text": "item.alternatives.0.transcript",
        "confidence": "item.alternatives.0.confidence",
        "start_ms": "item.alternatives.0.offsetMs",
        "end_ms": {"from": "item.alternatives.0.offsetMs", "plus": "item.alternatives.0.durationMs"},
        "occurred_at": {"from": "eventBody.sessionStartTimeMs", "plus": "item.alternatives.0.offsetMs"},
    }
    rules = [
        {"topic": "calls.utterances", "schema": "call.utterance/1", "each": "eventBody.transcripts", "fields": fields}
    ]
    [said] = events(rules, transcription())
    assert (said.start_ms, said.end_ms, said.confidence) == (41_000, 44_500, 0.93)
    assert said.occurred_at == NOON_MS - 60_000 + 41_000
    assert (said.event_id, said.role) == ("crm:c-2002-u-1", "customer")
    assert events(rules, {"eventBody": {"conversationId": "c-2002", "transcripts": []}}) == []


@pytest.mark.parametrize(
    ("topic", "fields", "body", "key"),
    [
        pytest.param(
            "tickets.events",
            {
                "ticket_id": "no",
                "event": {"value": "commented"},
                "status": "state",
                "priority": {"value": "normal"},
                "requester_key": "customer",
                "tags": "labels",
                "comment.id": "no",
                "comment.author_role": {"value": "customer"},
                "comment.public": "open",
                "comment.text": "text",
            },
            {"no": 5, "state": "open", "customer": CUSTOMER, "labels": "a, b", "open": 1, "text": "投诉"},
            b"5",
            id="a ticket",
        ),
        pytest.param(
            "feedback.responses",
            {
                "survey_id": {"value": "nps-1"},
                "response_id": "id",
                "kind": {"value": "nps"},
                "touchpoint": {"value": "sms"},
                "score": "score",
                "scale_min": {"value": 0},
                "scale_max": {"value": 10},
                "comment": "why",
                "related_conversation_id": "call",
            },
            {"id": "r-1", "score": "2", "why": "没人管", "call": "c-9"},
            b"c-9",
            id="feedback",
        ),
        pytest.param(
            "agents.states",
            {"agent_id": "agent", "state": {"from": "s", "map": {"AVAILABLE": "ready"}}, "since": "at"},
            {"agent": 42, "s": "AVAILABLE"},
            b"42",
            id="a state",
        ),
    ],
)
def test_every_contract_can_be_filled(topic, fields, body, key):
    """Tickets with comments, surveys with their scale, states; keyed as the contract wants."""
    rule = {"topic": topic, "fields": fields | {"occurred_at": "at"}}
    [record] = translation([rule], body | {"at": NOON}).records
    assert (record.topic.name, record.key) == (topic, key)


@pytest.mark.parametrize(
    ("number", "prefix"),
    [
        (PHONE, "1380013"),
        ("+86 138-0013-8000", "1380013"),
        (f"0086{PHONE}", "1380013"),
        ("1380013", "1380013"),
        (f"0{PHONE}", "1380013"),
        ("7", None),
        ("10086", None),
        ("+86 95588", None),
        ("+86 612 3456", None),
        ("+86 755 1234 5678", "0755123"),
        ("tel:+8675512345678", "0755123"),
        ("86-755-12345678", "0755123"),
        ("0755-12345678", "0755123"),
        ("0086 21 6123 4567", "0216123"),
        ("+86 (0)10 6123 4567", "0106123"),
        ("+852 6123 4567", "+852612"),
        ("00853 6612 3456", "+853661"),
        ("+886 912 345 678", "+886912"),
        ("+1 860 555 1234", "+186055"),
    ],
)
def test_a_caller_is_seven_characters(number, prefix):
    """A mapping may name the whole number; what goes on tells a city and no person."""
    [record] = translation(chat(caller_prefix="phone"), SAID | {"phone": number}).records
    assert record.event.caller_prefix == prefix
    assert PHONE not in record.value.decode()


@pytest.mark.parametrize(
    ("number", "region"),
    [
        pytest.param("+86 755 1234 5678", "440000", id="Shenzhen as a trunk sends it"),
        pytest.param("0086 21 6123 4567", "310000", id="Shanghai"),
        pytest.param("0755-12345678", "440000", id="as it is dialled at home"),
        pytest.param("+852 6123 4567", "810000", id="Hong Kong"),
        pytest.param("00853 6612 3456", "820000", id="Macao"),
        pytest.param("+886 912 345 678", "710000", id="Taiwan"),
        pytest.param(f"+86{PHONE}", "110000", id="a mobile by table"),
        pytest.param(f"0{PHONE}", "110000", id="a mobile behind a trunk's zero"),
        pytest.param("+1 860 555 1234", "unknown", id="a country that only looks like 86"),
    ],
)
def test_what_is_kept_of_a_caller_tells_the_region(number, region):
    """What intake cuts is what the places look for."""
    [record] = translation(chat(caller_prefix="phone"), SAID | {"phone": number}).records
    tables = PlaceTables(mobile_prefixes={"1380013": "110000"})
    assert resolve_region(record.event, tables).region == region


@pytest.mark.parametrize(
    ("change", "path", "category"),
    [
        pytest.param({"said": None}, "$.text", Category.SCHEMA, id="a field that is missing"),
        pytest.param({"said": {"a": PHONE}}, "$.text", Category.SCHEMA, id="an object for a text"),
        pytest.param({"at": PHONE * 9}, "$.occurred_at", Category.SCHEMA, id="no time"),
        pytest.param({"at": 1}, "$.occurred_at", Category.TIME_OUT_OF_RANGE, id="long ago"),
        pytest.param({"id": "x" * 129}, "$.message_id", Category.SCHEMA, id="an id too long"),
        pytest.param({"said": "\x01" * 60_000}, "$", Category.TOO_LARGE, id="too much for one event"),
    ],
)
def test_a_fault_names_the_field_and_never_the_value(change, path, category):
    """The contract's field, and the place in the body that it was filled from."""
    [fault] = translation(chat(), SAID | change).faults
    assert (fault.path, fault.category) == (path, category)
    assert PHONE not in fault.expected


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (b"", Category.DECODE),
        (b"{", Category.DECODE),
        (b"\xff\xfe", Category.DECODE),
        (b'{"a":NaN}', Category.DECODE),
        (b'{"a":1e999}', Category.DECODE),
        (b'{"a":' + b"9" * 5_000 + b"}", Category.DECODE),
        (b'{"a":"\\ud800"}', Category.DECODE),
        (b'{"a":' * 100_000, Category.DECODE),
        (b'{"a":' * 40 + b"1" + b"}" * 40, Category.DECODE),
        (b"[]", Category.SCHEMA),
        (b"null", Category.SCHEMA),
    ],
    ids=range(11),
)
def test_what_is_no_object(data, category):
    """Broken, too deep, not an object: one fault, at once."""
    [fault] = translation(chat(), data).faults
    assert (fault.category, fault.path) == (category, "$")
