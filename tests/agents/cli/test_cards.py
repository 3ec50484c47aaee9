"""What `tocsin tail` and the demo print of tickets: hot topics, commands, deadlines, broken rules."""

import pytest

from agents.cli.cards import CARDS
from schemas.alerts import SlaAlert
from schemas.commands import Command, CommandKind
from schemas.desks import HotTickets, HotTopic
from schemas.sla_clocks import GoalKind
from schemas.tickets import Priority, TicketStatus
from schemas.vocabulary import AlertKind, ChannelClass
from tests.support.turns import NOON_MS, alert


def shown(value):
    """The card as plain text."""
    return CARDS[type(value)](value).plain


def test_hot_topics_are_named_with_their_rise():
    """The hottest first, what is new is marked; a desk that has cooled down says so."""
    topic = HotTopic(
        topic="product:sku-9", tickets=12, customers=11, usual_share=0.05, rise=5.88, score=15, is_new=True
    )
    hot = HotTickets(desk="default", window_start=NOON_MS, window_s=3600, tickets=40, topics=(topic,))
    assert "工单热点" in shown(hot)
    assert "product:sku-9  12 张，11 位客户，平时的 5.9 倍 × usual  新 new" in shown(hot)
    assert "工单热点已退" in shown(HotTickets(desk="default", window_start=NOON_MS, window_s=3600, tickets=4))


@pytest.mark.parametrize(
    ("command", "fields", "text"),
    [
        pytest.param(CommandKind.ASSIGN, {"group_id": "task-force"}, "转派  T1  task-force", id="to whom"),
        pytest.param(CommandKind.SET_PRIORITY, {"priority": Priority.URGENT}, "提级  T1  urgent", id="how urgent"),
        pytest.param(
            CommandKind.NOTIFY_CUSTOMER, {"params": {"text": "已由专人跟进"}}, "已由专人跟进", id="which words"
        ),
    ],
)
def test_a_command_says_what_is_to_be_done(command, fields, text):
    """For which ticket, and its object."""
    about = {"command_id": "c", "ticket_id": "T1", "command": command, "cause_alert_id": "a", "expires_at": NOON_MS}
    assert text in shown(Command(**about, **fields))


def test_an_alert_about_a_ticket_names_its_clock_or_rule():
    """Not only that something is late."""
    sla = SlaAlert(
        clock=GoalKind.FIRST_RESPONSE,
        key="0.75",
        policy="urgent",
        target_ms=1_800_000,
        elapsed_ms=1_350_000,
        due_at=NOON_MS,
        cycle=1,
        priority=Priority.URGENT,
        status=TicketStatus.OPEN,
        group_id="",
    )
    about = {"level": None, "channel": ChannelClass.TICKET, "reasons": (), "ticket_id": "T1"}
    assert "◇ 预警" in shown(alert(kind=AlertKind.SLA_WARNING, sla=sla, **about).value)
    assert "时限将到 首次响应" in shown(alert(kind=AlertKind.SLA_WARNING, sla=sla, **about).value)
    assert "违反内部规定 bulk_status" in shown(alert(kind=AlertKind.HOUSE_RULE, finding="bulk_status", **about).value)
