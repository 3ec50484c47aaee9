"""The sections of the on-call file and the shape of each; what each kind of channel must be told."""

from typing import Any

from pipeline.incidents.roles import Role
from pipeline.incidents.shapes import (
    Listed,
    Moment,
    SecretReference,
    Span,
    TimeOfDay,
    Told,
    WebAddress,
    WeekHours,
    Zone,
)
from pipeline.rules.shapes import Choice, Each, Number, Record, Report, Shape, Table, Text
from pipeline.sla.shapes import Day
from schemas.vocabulary import AlertKind, Level, ReasonGroup

_SECRET, _TEXT = SecretReference(), Text()
PACE: dict[str, Shape] = {"per_minute": Number(1, 10_000), "per_month": Number(1, 100_000_000)}
_APPLICATION: dict[str, Shape] = {"agent_id": Number(1, 999_999_999)}
_API: dict[str, Shape] = {"api": WebAddress()}  # of another region, or of a company's own installation

# What has to be said for each kind, and what may be.
CHANNEL_KINDS: dict[str, tuple[dict[str, Shape], dict[str, Shape]]] = {
    "dingtalk": ({"url": _SECRET}, {"secret": _SECRET}),
    "dingtalk_notice": ({"app_key": _TEXT, "app_secret": _SECRET, **_APPLICATION}, _API),
    "dingtalk_card": (
        {"app_key": _TEXT, "app_secret": _SECRET, "robot_code": _TEXT, "template_id": _TEXT, "callback_route": _TEXT},
        _API,
    ),
    "wecom": ({"url": _SECRET}, {"shape": Choice(("markdown", "template_card"))}),
    "wecom_app": ({"corp_id": _TEXT, "corp_secret": _SECRET, **_APPLICATION}, _API),
    "feishu": ({"url": _SECRET}, {"secret": _SECRET}),
    "feishu_app": ({"app_id": _TEXT, "app_secret": _SECRET}, _API),
    "slack": ({"url": _SECRET}, {}),
    "apprise": ({"url": _SECRET}, {}),
    "webhook": ({"url": _SECRET, "secret": _SECRET}, {}),
    "pagerduty": ({"routing_key": _SECRET}, _API),
    "alertmanager": ({"url": _SECRET}, {"token": _SECRET}),
    "email": ({"host": _TEXT, "sender": _TEXT}, {"port": Number(1, 65_535), "username": _TEXT, "password": _SECRET}),
    "console": ({}, {}),
}


class ChannelOfKind:
    """A channel: its kind, and what that kind needs."""

    def read(self, node: Any, path: str, report: Report) -> dict[str, Any] | None:
        """The settings by name, `kind` among them."""
        pairs = node.value if isinstance(node.value, list) else []
        kinds = [value.value for key, value in pairs if getattr(key, "value", None) == "kind"]
        shape = CHANNEL_KINDS.get(str(kinds[0]) if kinds else "")
        required, optional = shape or ({}, {})
        record = Record({"kind": Choice(CHANNEL_KINDS), **required}, {**optional, **PACE})
        if shape is None:  # the other keys cannot be judged before the kind is known
            Record({"kind": Choice(CHANNEL_KINDS)}, _everything()).read(node, path, report)
            return None
        return record.read(node, path, report)


def _everything() -> dict[str, Shape]:
    return {name: _Anything() for sides in CHANNEL_KINDS.values() for side in sides for name in side} | PACE


class _Anything:
    def read(self, node: Any, path: str, report: Report) -> str:  # noqa: ARG002  (it judges nothing)
        return ""


_NAMES = Each(Text())
_ROTATION = Record({"members": _NAMES, "starts_on": Day()}, {"turn_days": Number(1, 366)})
_WHOSE: dict[str, Shape] = {"members": _NAMES, "starts_on": Day()}
_WHEN: dict[str, Shape] = {
    "turn_days": Number(1, 366),
    "handover": TimeOfDay(),
    "lasts": Span(),
    "zone": Zone(),
    "holiday": _ROTATION,
    "only": Choice(("workdays",)),
}
_CHANGES: dict[str, Shape] = {
    "overrides": Listed(Record({"from": Moment(), "to": Moment()}, {"people": _NAMES})),
    "swaps": Listed(Record({"day": Day(), "between": Each(Text(), at_least=2)})),
    "days_off": Listed(Record({"person": Text(), "first": Day(), "last": Day()})),
}
# Of one shift, or of several.
_ROSTER = Record(_WHOSE, _WHEN | _CHANGES)
_SHIFTS = Record({"shifts": Listed(Record(_WHOSE, _WHEN))}, _CHANGES)


class RosterOrShifts:
    """A roster: with `shifts` these, else the one shift that it is itself."""

    def read(self, node: Any, path: str, report: Report) -> dict[str, Any] | None:
        """The values, always with `shifts`."""
        pairs = node.value if isinstance(node.value, list) else []
        if any(getattr(key, "value", None) == "shifts" for key, _ in pairs):
            return _SHIFTS.read(node, path, report)
        values = _ROSTER.read(node, path, report)
        if values is None:
            return None
        changes = {name: value for name, value in values.items() if name in _CHANGES}
        return {"shifts": ({name: value for name, value in values.items() if name not in _CHANGES},), **changes}


_STEP = Record(
    {"tell": Each(Told())},
    {
        "after": Span(),
        "within": WeekHours(),
        "from_count": Number(1, 1_000_000),
        "of_last": Span(),
        "by_second_contact": Choice(("yes", "no")),
    },
)
_CHAIN = Record({"steps": Listed(_STEP)}, {"repeat": Number(0, 5), "acks_needed": Number(1, 5)})
_ROUTE = Record(
    {"chain": Text()},
    {
        "kinds": Each(Choice(AlertKind)),
        "levels": Each(Choice(Level)),
        "regions": _NAMES,
        "reasons": Each(Choice(ReasonGroup)),
        "queues": _NAMES,
        "group_wait": Span(),
    },
)
# What has to be said for each kind of channel that calls back when a button of its card is pressed.
CALLBACK_KINDS: dict[str, dict[str, Shape]] = {
    "dingtalk_card": {"secret": _SECRET},
    "wecom_app": {"token": _SECRET, "aes_key": _SECRET},
    "feishu_app": {"token": _SECRET, "encrypt_key": _SECRET},
}
# What a vendor lets be pressed, it lets be drawn anew; and PagerDuty has an event for what somebody acknowledged.
REDRAWN_KINDS = frozenset({*CALLBACK_KINDS, "pagerduty"})
_CALLBACK = Record({}, {name: shape for shapes in CALLBACK_KINDS.values() for name, shape in shapes.items()})
_ANSWERS = Record(
    {"url": WebAddress(), "keys": Each(SecretReference())}, {"links_last": Span(), "callbacks": Table(_CALLBACK)}
)
SECTIONS: dict[str, Shape] = {
    "allow_hosts": _NAMES,
    "allow_private_hosts": _NAMES,
    "channels": Table(ChannelOfKind()),
    "people": Table(Record({"contacts": Table(Text())}, {"role": Choice(Role), "drills": Choice(("yes", "no"))})),
    "rosters": Table(RosterOrShifts()),
    "teams": Table(_NAMES),
    "chains": Table(_CHAIN),
    "routes": Listed(_ROUTE),
    "leads": Table(Text()),
    "fallback_channel": Text(),
    "board_url": WebAddress(),
    "runbook_url": WebAddress(),
    "answers": _ANSWERS,
    "drill_channel": Text(),
    "pages_per_hour": Number(1, 1_000),
    "holidays": Each(Day()),
    "workdays": Each(Day()),
    "calendar": Choice(("china", "weekdays")),
    "utc_offset_minutes": Number(0, 14 * 60),
    "group_interval": Span(),
    "ack_lasts": Span(),
    "high_risk_ack_lasts": Span(),
}
TOP = Record({"channels": SECTIONS["channels"], "chains": SECTIONS["chains"], "routes": SECTIONS["routes"]}, SECTIONS)
