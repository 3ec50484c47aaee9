"""Doors for vendors: which kind of channel calls back in which way."""

from collections.abc import Mapping
from typing import Protocol

from pipeline.answers.callback import Call, Found, Pressed, Reply
from pipeline.answers.dingtalk import DingTalkDoor
from pipeline.answers.feishu import FeishuDoor
from pipeline.answers.wecom import WeComDoor
from pipeline.incidents.load import ChannelSpec


class Door(Protocol):
    """How the calls of a vendor are read and answered."""

    def open(self, call: Call, *, now_ms: int) -> Found:
        """What a call brings."""

    def reply(self, pressed: Pressed, chinese: str, *, is_good: bool, now_ms: int, salt: bytes) -> Reply:
        """What is told to whoever pressed; `salt` is random."""


def door_of(channel: ChannelSpec, secrets: Mapping[str, str]) -> Door:
    """The door of a channel; raises ValueError where a secret cannot be one."""
    match channel.kind:
        case "feishu_app":
            return FeishuDoor(app_id=channel.settings["app_id"], **secrets)
        case "wecom_app":
            return WeComDoor(corp_id=channel.settings["corp_id"], **secrets)
        case "dingtalk_card":
            return DingTalkDoor(**secrets)
    raise AssertionError(channel.kind)  # the file was checked
