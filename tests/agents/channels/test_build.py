"""Channels from the on-call file: where they may lead is judged before anything is sent."""

import pytest

from agents.channels.build import secrets_of
from pipeline.incidents.load import parse_oncall

FILE = """
allow_hosts: [mail.example.com, hooks.example.com, lark.example.com]
channels:
  a: {CHANNEL}
chains: {}
routes: []
"""


@pytest.mark.parametrize(
    ("channel", "path", "problem"),
    [
        pytest.param("kind: email, host: mail.example.com, sender: a@example.com", "", "", id="a mail server"),
        pytest.param(
            "kind: email, host: 10.0.0.9, sender: a@example.com",
            "channels.a.host",
            "is 10.0.0.9, which is not",
            id="inside",
        ),
        pytest.param(
            "kind: feishu_app, app_id: a, app_secret: env:SECRET, api: https://open.larksuite.com/", "", "", id="lark"
        ),
        pytest.param(
            "kind: pagerduty, routing_key: env:SECRET, api: https://events.eu.pagerduty.com", "", "", id="europe"
        ),
        pytest.param(
            "kind: feishu_app, app_id: a, app_secret: env:SECRET, api: https://169.254.169.254",
            "channels.a.api",
            "leads to 169.254.169.254",
            id="an application to a cloud's metadata",
        ),
        pytest.param(
            "kind: wecom_app, corp_id: a, corp_secret: env:SECRET, agent_id: 1, api: http://lark.example.com",
            "channels.a.api",
            "must begin with https",
            id="an application without TLS",
        ),
        pytest.param("kind: slack, url: env:NOTHING", "channels.a.url", "env:NOTHING holds nothing", id="no secret"),
        pytest.param(
            "kind: slack, url: env:INSIDE", "channels.a.url", "is not allowed", id="a webhook that leads inside"
        ),
    ],
)
def test_where_a_channel_leads(channel, path, problem, monkeypatch):
    """The problem names the place and never the secret."""
    monkeypatch.setenv("SECRET", "S3cretPart")
    monkeypatch.setenv("INSIDE", "https://10.0.0.9/S3cretPart")
    oncall = parse_oncall("oncall.yaml", FILE.replace("CHANNEL", channel).encode())
    problems = [str(each) for each in secrets_of(oncall, file="oncall.yaml")[1]]
    assert bool(problems) is bool(problem)
    assert all(path in each and problem in each and "S3cretPart" not in each for each in problems)
