"""Acts: what somebody may do about an incident by pressing something, in the order of their worth."""

from enum import StrEnum
from typing import NamedTuple

from pipeline.incidents.roles import Role
from schemas.actions import ActionKind, Verdict


class Act(StrEnum):
    """What a link or a button does."""

    ACK = "ack"
    RESOLVE = "resolve"
    FALSE_ALARM = "false_alarm"
    HANDLED = "handled"
    RIGHT = "right"
    SILENCE = "silence"
    COMMENT = "comment"


class Meaning(NamedTuple):
    """What an act is: as an action, on a button, and on the page that asks whether it is meant."""

    kind: ActionKind
    verdict: Verdict | None
    label: str
    chinese: str
    english: str


MEANINGS = {
    Act.ACK: Meaning(ActionKind.ACK, None, "确认", "由我处理，停止升级", "I have it; the chain stands still"),
    Act.RESOLVE: Meaning(ActionKind.RESOLVE, None, "解决", "事件已解决", "It is over"),
    Act.FALSE_ALARM: Meaning(ActionKind.VERDICT, Verdict.FALSE_ALARM, "误报", "判定为误报", "It was a false alarm"),
    Act.HANDLED: Meaning(
        ActionKind.VERDICT, Verdict.HANDLED, "已处理", "判定为已处理", "It was right, and was handled"
    ),
    Act.RIGHT: Meaning(ActionKind.VERDICT, Verdict.TRUE, "对", "判定为告警正确", "The alert was right"),
    Act.SILENCE: Meaning(ActionKind.SILENCE, None, "静默1小时", "静默此事件一小时", "Quiet about it for an hour"),
    Act.COMMENT: Meaning(ActionKind.COMMENT, None, "备注", "添加备注", "Keep a remark with it"),
}


def acts_of(role: Role) -> tuple[Act, ...]:
    """What a role may do."""
    return tuple(act for act in Act if role.may(MEANINGS[act].kind))
