"""Bodies of other systems' webhooks, in the shapes that their public documentation shows; the words are ours.

Zendesk: developer.zendesk.com, "Ticket events" and "Messaging events". Chatwoot: the user guide, "How to use webhooks".
The three voice shapes are those of `domain.md` 8.3.
"""

from copy import deepcopy
from typing import Any

NOON_MS = 1_767_240_000_000
NOON = "2026-01-01T04:00:00Z"
SECRET = b"a-secret-of-the-tests-0123456789"
COMPANY_SECRET = b"the-company-secret-of-the-tests"
PHONE = "13800138000"
CUSTOMER = "7384920011"

# An intake file of one generic source, up to its records.
GENERIC_SOURCE = """
customer_secret: {env: COMPANY}
sources:
  - name: crm
    kind: generic
    path: /in/crm
    secrets: [{env: CRM}]
    auth: {scheme: bearer}
    records:
"""

ZENDESK_TICKET: dict[str, Any] = {
    "actor_id": "8447388090494",
    "assignee_id": "8447388090494",
    "brand_id": "8447346621310",
    "created_at": "2026-01-01T03:50:07Z",
    "custom_status": "8447320465790",
    "description": "空调装了三次还是不制冷，我要投诉",
    "external_id": None,
    "form_id": "8646151517822",
    "group_id": "8447320466430",
    "id": "35436",
    "is_public": True,
    "organization_id": "8447346622462",
    "priority": "HIGH",
    "requester_id": CUSTOMER,
    "status": "OPEN",
    "subject": "空调不制冷",
    "submitter_id": CUSTOMER,
    "tags": ["repair", "vip"],
    "type": "PROBLEM",
    "updated_at": "2026-01-01T04:00:00Z",
    "via": {"channel": "web_service"},
}


def zendesk(change: str = "created", event: dict[str, Any] | None = None, **detail: Any) -> dict[str, Any]:
    """One ticket event of Zendesk."""
    return {
        "account_id": 22129848,
        "detail": deepcopy(ZENDESK_TICKET) | detail,
        "event": {"meta": {"sequence": {"id": "CE4A698AF24F35B3208649C6951E000E", "position": 1}}} | (event or {}),
        "id": "2b24ef10-19d4-4740-93cf-8f98ec4776c0",
        "subject": "zen:ticket:35436",
        "time": "2026-01-01T04:00:00.123456789Z",
        "type": f"zen:event-type:ticket.{change}",
        "zendesk_event_version": "2022-11-06",
    }


def zendesk_comment(*, is_staff: bool | None = False, is_public: bool = True) -> dict[str, Any]:
    """A comment on a ticket."""
    author = {"id": CUSTOMER, "name": "A customer"} | ({} if is_staff is None else {"is_staff": is_staff})
    comment = {"id": "9876543210", "body": "再不处理我就打12315", "is_public": is_public, "author": author}
    return zendesk("comment_added", {"comment": comment})


def zendesk_message(actor: str = "end_user") -> dict[str, Any]:
    """A message of a messaging ticket."""
    return {
        "account_id": 22129848,
        "detail": {"id": "141"},
        "event": {
            "actor": {"id": CUSTOMER, "name": "A customer", "type": actor},
            "conversation_id": "67ab5f53a96f98663935c3f2",
            "message": {"body": "等了半天没人管", "id": "67ab5f55155becd183e284cb"},
        },
        "id": "01JQMQH83YNAKWSWJ8B1QH2NSC",
        "subject": "zen:ticket:141",
        "time": NOON,
        "type": "zen:event-type:messaging_ticket.message_added",
        "zendesk_event_version": "2022-11-06",
    }


CHATWOOT_CONTACT: dict[str, Any] = {
    "additional_attributes": {},
    "custom_attributes": {},
    "email": "someone@example.com",
    "id": 89,
    "identifier": CUSTOMER,
    "name": "A customer",
    "phone_number": f"+86{PHONE}",
    "thumbnail": "",
    "type": "contact",
}
CHATWOOT_CONVERSATION: dict[str, Any] = {
    "additional_attributes": {},
    "can_reply": True,
    "channel": "Channel::WebWidget",
    "contact_inbox": {"id": 547, "contact_id": 89, "inbox_id": 17, "source_id": "96e55744-c1c0-477b-86e4-ed125f7b071c"},
    "id": 25,
    "inbox_id": 17,
    "messages": [],
    "labels": ["repair"],
    "meta": {
        "sender": CHATWOOT_CONTACT,
        "assignee": {"id": 3, "name": "An agent", "type": "user"},
        "team": {"id": 2, "name": "after sales"},
        "hmac_verified": False,
    },
    "status": "open",
    "custom_attributes": {},
    "snoozed_until": None,
    "unread_count": 1,
    "first_reply_created_at": None,
    "priority": None,
    "waiting_since": NOON_MS // 1000,
    "agent_last_seen_at": 0,
    "contact_last_seen_at": 0,
    "timestamp": NOON_MS // 1000,
    "created_at": NOON_MS // 1000 - 60,
    "updated_at": NOON_MS / 1000,
}


def chatwoot_message(
    kind: str = "incoming", event: str = "message_created", sender: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """One message of Chatwoot with the conversation that it belongs to."""
    return {
        "account": {"id": 1, "name": "The company"},
        "additional_attributes": {},
        "content_attributes": {},
        "content_type": "text",
        "content": "等了半天没人管，太失望了",
        "conversation": deepcopy(CHATWOOT_CONVERSATION),
        "created_at": "2026-01-01T04:00:00.319Z",
        "id": 17547,
        "inbox": {"id": 17, "name": "官网"},
        "message_type": kind,
        "private": False,
        "sender": deepcopy(CHATWOOT_CONTACT) if sender is None else sender,
        "source_id": None,
        "event": event,
    } | changes


def chatwoot_conversation(
    event: str = "conversation_created", changed: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """One event of a conversation of Chatwoot; `changed` is name by name the value before and after."""
    attributes = [
        {name: {"previous_value": before, "current_value": after}} for name, (before, after) in (changed or {}).items()
    ]
    return deepcopy(CHATWOOT_CONVERSATION) | {"event": event, "changed_attributes": attributes or None} | changes


def contact_lens(*, final: bool) -> dict[str, Any]:
    """Segments of a call as a cloud contact centre streams them: what is still being said, or what was said."""
    begun = {"ParticipantId": "CUSTOMER", "ParticipantRole": "CUSTOMER", "BeginOffsetMillis": 41_000}
    partial = {
        "Utterance": {
            "Id": "utt-9",
            "TranscriptId": "seg-7",
            "PartialContent": "再不解决我就",
            "EndOffsetMillis": 43_000,
            **begun,
        }
    }
    whole = {
        "Transcript": {
            "Id": "seg-7",
            "Content": "再不解决我就打12315",
            "EndOffsetMillis": 44_500,
            "Sentiment": "NEGATIVE",
            **begun,
        }
    }
    return {
        "Version": "1.0.0",
        "Channel": "VOICE",
        "AccountId": "111122223333",
        "InstanceId": "d0f1b1f5-0000-4000-8000-000000000001",
        "ContactId": "c-1001",
        "LanguageCode": "zh-CN",
        "EventType": "SEGMENTS",
        "Segments": [whole if final else partial],
    }


def transcription() -> dict[str, Any]:
    """Sentences of a call as a phone platform's transcription service sends them."""
    return {
        "eventBody": {
            "eventTime": NOON,
            "conversationId": "c-2002",
            "communicationId": "leg-1",
            "sessionStartTimeMs": NOON_MS - 60_000,
            "transcripts": [
                {
                    "utteranceId": "u-1",
                    "isFinal": True,
                    "channel": "EXTERNAL",
                    "alternatives": [
                        {"confidence": 0.93, "offsetMs": 41_000, "durationMs": 3_500, "transcript": "我要投诉你们"}
                    ],
                    "engineProvider": "own",
                }
            ],
        }
    }
