"""Channels from the on-call file: secrets are looked up here and nowhere else, and every problem is told at once."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from agents.channels.alertmanager import Alertmanager
from agents.channels.apprise import Apprise
from agents.channels.base import Channel
from agents.channels.console import Console
from agents.channels.dingtalk import DingTalkNotice, DingTalkRobot
from agents.channels.dingtalk_card import DingTalkCard
from agents.channels.email import Email, Mailbox
from agents.channels.feishu import FeishuApplication, FeishuRobot
from agents.channels.outgoing import HttpChannel, Outgoing
from agents.channels.pagerduty import PagerDuty
from agents.channels.slack import Slack
from agents.channels.targets import Targets
from agents.channels.tokens import ApplicationChannel
from agents.channels.webhook import Webhook
from agents.channels.wecom import MARKDOWN, WeComApplication, WeComRobot
from agents.files.oncall import look_up
from pipeline.incidents.load import ChannelSpec, OnCall
from pipeline.rules.problems import Problem

_REFERENCES = ("env:", "file:")


def targets_of(oncall: OnCall) -> Targets:
    """Where the file allows messages to go."""
    return Targets(oncall.allow_hosts, private=oncall.allow_private_hosts)


def secrets_of(oncall: OnCall, *, file: str) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """The settings of every channel with its secrets, and what is wrong with them; no problem repeats a secret."""
    targets, problems = targets_of(oncall), []
    found: dict[str, dict[str, Any]] = {}
    for name, spec in oncall.channels.items():
        found[name] = {}
        for key, value in spec.settings.items():
            path = f"channels.{name}.{key}"
            if not (isinstance(value, str) and value.startswith(_REFERENCES)):
                found[name][key] = value
                judge = {"api": targets.problem, "host": targets.host_problem}.get(key)
                refused = judge(value) if judge is not None else None
                problems += [Problem(file, 0, path, refused)] if refused else []
                continue
            secret = look_up(value)
            found[name][key] = SecretStr(secret)
            wrong = f"{value} holds nothing; set it" if not secret else None
            if key == "url" and secret:
                wrong = targets.problem(secret)
            if wrong is not None:
                problems.append(Problem(file, 0, path, wrong))
    return found, problems


def build_channels(oncall: OnCall, secrets: Mapping[str, Mapping[str, Any]], outgoing: Outgoing) -> dict[str, Channel]:
    """Every channel of the file, ready to send."""
    private = targets_of(oncall).private
    return {name: _channel(spec, secrets[name], outgoing, private) for name, spec in oncall.channels.items()}


def _channel(  # noqa: C901, PLR0912  (a table of kinds reads best as one)
    spec: ChannelSpec, settings: Mapping[str, Any], outgoing: Outgoing, private: frozenset[str]
) -> Channel:
    match spec.kind:
        case "dingtalk":
            return HttpChannel(DingTalkRobot(settings["url"], settings.get("secret")), outgoing)
        case "wecom":
            return HttpChannel(WeComRobot(settings["url"], shape=settings.get("shape", MARKDOWN)), outgoing)
        case "feishu":
            return HttpChannel(FeishuRobot(settings["url"], settings.get("secret")), outgoing)
        case "slack":
            return HttpChannel(Slack(settings["url"]), outgoing)
        case "apprise":
            return HttpChannel(Apprise(settings["url"]), outgoing)
        case "webhook":
            return HttpChannel(Webhook(settings["url"], settings["secret"]), outgoing)
        case "pagerduty":
            return HttpChannel(PagerDuty(**settings), outgoing)
        case "alertmanager":
            return HttpChannel(Alertmanager(settings["url"], settings.get("token")), outgoing)
        case "dingtalk_notice":
            return ApplicationChannel(DingTalkNotice(**settings), outgoing)
        case "dingtalk_card":
            return ApplicationChannel(DingTalkCard(**settings), outgoing)
        case "wecom_app":
            return ApplicationChannel(WeComApplication(**settings), outgoing)
        case "feishu_app":
            return ApplicationChannel(FeishuApplication(**settings), outgoing)
        case "email":
            return Email(Mailbox(**settings, is_private=settings["host"] in private))
        case "console":
            return Console()
    raise AssertionError(spec.kind)  # the file was checked
