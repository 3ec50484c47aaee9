"""What became of a request, and what whoever pressed is told: Chinese first."""

from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple


class Outcome(StrEnum):
    """What became of a request; closed, it labels a metric. The first ones are the results of the stage."""

    TAKEN = "taken"
    AWAITS_CONSENT = "awaits_consent"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    EXPIRED = "expired"
    NOT_ALLOWED = "not_allowed"
    SECOND_PERSON = "second_person"
    UNKNOWN_INCIDENT = "unknown_incident"
    PENDING = "pending"  # Kafka has it, the stage has not answered yet
    UNAVAILABLE = "unavailable"  # Kafka did not take it: nothing has happened
    SHOWN = "shown"  # a page that asks; nothing has happened
    CHALLENGED = "challenged"  # a vendor looked whether somebody is here
    IGNORED = "ignored"  # genuine, but nothing that we asked for
    FORGED = "forged"  # not written by us, or not by the vendor, or not sent by our own page
    STALE = "stale"  # genuine once, and too old: a replay
    UNUSABLE = "unusable"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"  # the body did not come in time
    RATE_LIMITED = "rate_limited"


class Telling(NamedTuple):
    """What is told, and the HTTP status of a page that says so."""

    status: HTTPStatus
    chinese: str
    english: str
    is_good: bool = False


TELLINGS = {
    Outcome.TAKEN: Telling(HTTPStatus.OK, "已完成", "Done.", is_good=True),
    Outcome.AWAITS_CONSENT: Telling(
        HTTPStatus.OK, "静默一天；更久须另一人同意", "Quiet for a day; longer takes a second person.", is_good=True
    ),
    Outcome.UNCHANGED: Telling(HTTPStatus.OK, "无需操作：事件已处理", "Nothing was left to do.", is_good=True),
    Outcome.REPEATED: Telling(HTTPStatus.CONFLICT, "此链接或按钮已经使用过", "This was used before."),
    Outcome.EXPIRED: Telling(HTTPStatus.GONE, "链接已过期，请使用看板或最新的通知", "This link has expired."),
    Outcome.NOT_ALLOWED: Telling(HTTPStatus.FORBIDDEN, "您没有执行此操作的权限", "You may not do this."),
    Outcome.SECOND_PERSON: Telling(HTTPStatus.FORBIDDEN, "须由另一人同意", "It takes a second person."),
    Outcome.UNKNOWN_INCIDENT: Telling(HTTPStatus.NOT_FOUND, "事件已关闭", "The incident is closed."),
    Outcome.PENDING: Telling(HTTPStatus.ACCEPTED, "已提交，稍后生效", "Sent; it takes effect shortly.", is_good=True),
    Outcome.UNAVAILABLE: Telling(HTTPStatus.SERVICE_UNAVAILABLE, "暂时无法保存，请重试", "Not saved; try again."),
    Outcome.FORGED: Telling(HTTPStatus.NOT_FOUND, "链接无效", "This is no link of ours."),
    Outcome.UNUSABLE: Telling(HTTPStatus.BAD_REQUEST, "请求无效", "This cannot be read."),
    Outcome.TOO_LARGE: Telling(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "内容过长", "This is too long."),
    Outcome.TOO_SLOW: Telling(HTTPStatus.REQUEST_TIMEOUT, "网络太慢，请重试", "Too slow; try again."),
    Outcome.RATE_LIMITED: Telling(HTTPStatus.TOO_MANY_REQUESTS, "操作过于频繁，请稍后再试", "Slower, please."),
}
