"""Invitations: which buttons a notification gets by which channel, and that each opens what it says."""

import dataclasses

import pytest
from msgspec.structs import replace

from agents.deliver.invitations import NOTHING, invite_of
from agents.files.oncall import load_oncall
from pipeline.answers.acts import Act
from pipeline.answers.seals import Keys
from pipeline.incidents.load import OnCallError
from schemas.deliveries import Notification
from tests.support.answers import ENVIRONMENT, KEY, ONCALL
from tests.support.incidents import high, run

(NOTICE,) = (replace(each, to="manager-1") for each in run([high(1)]).of(Notification))


@pytest.fixture
def oncall(tmp_path, monkeypatch):
    """The file of the tests with a channel more, which opens pages, and one that a machine reads."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    more = (
        "channels:\n  hook: {kind: webhook, url: env:U, secret: env:S}\n  pager: {kind: pagerduty, routing_key: env:R}"
    )
    file = tmp_path / "oncall.yaml"
    file.write_text(ONCALL.replace("channels:", more, 1), encoding="utf-8")
    return load_oncall(file)


def test_a_link_for_each_act(oncall):
    """Each opens at the public address, and holds whose it is and what it does."""
    invited = invite_of(oncall, file="f")(replace(NOTICE, channel="hook"))
    assert invited.presses == ()
    offers = [
        Keys([KEY.encode()]).open(each.url.removeprefix("https://answer.example.com/a/")) for each in invited.buttons
    ]
    assert [each.act for each in offers] == list(Act)
    assert {(each.actor, each.channel, each.incident_id) for each in offers} == {
        ("manager-1", "hook", NOTICE.incident_id)
    }
    assert [each.is_primary for each in invited.buttons] == [True] + [False] * 6


def test_a_channel_that_calls_back_gets_buttons(oncall):
    """And one link, for what has to be written."""
    invited = invite_of(oncall, file="f")(replace(NOTICE, channel="feishu"))
    assert [each.act for each in invited.presses] == [act for act in Act if act is not Act.COMMENT]
    assert [each.label for each in invited.buttons] == ["备注"]


def test_a_machine_is_handed_nothing(oncall):
    """What somebody may do is for people."""
    assert invite_of(oncall, file="f")(replace(NOTICE, channel="pager")) == NOTHING


def test_without_answers_there_are_no_buttons(oncall):
    """Cards look as they did."""
    silent = dataclasses.replace(oncall, answers=None)
    assert invite_of(silent, file="f")(replace(NOTICE, channel="hook")) == NOTHING


def test_a_short_key_is_told_and_not_repeated(oncall, monkeypatch):
    """At the start, with its place."""
    monkeypatch.setenv("ANSWER_KEY", "short-and-secret")
    with pytest.raises(OnCallError, match=r"answers.keys\[0\]: env:ANSWER_KEY holds fewer than 32 bytes") as raised:
        invite_of(oncall, file="f")
    assert "short-and-secret" not in str(raised.value)
