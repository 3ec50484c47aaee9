"""Cards that are drawn anew: each vendor against a server that knows which of its cards it would take."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from pydantic import SecretStr

from agents.channels.base import Message
from agents.channels.dingtalk_card import DingTalkCard
from agents.channels.feishu import FeishuApplication
from agents.channels.outgoing import HttpChannel, Outgoing
from agents.channels.pagerduty import PagerDuty
from agents.channels.targets import Targets
from agents.channels.tokens import Application, ApplicationChannel
from agents.channels.wecom import WeComApplication
from pipeline.cards.compose import Standing, compose
from pipeline.conversation.advice import AdviceBook
from schemas.base import MAX_ID_CHARS
from schemas.deliveries import Outcome
from schemas.incidents import ReasonCode
from tests.agents.channels.test_message_formats import PRESSES
from tests.support.alerts import alert
from tests.support.vendors import Reply, Seen, fake_vendor, said

NOW_MS = 1_767_225_600_000
SECRET = SecretStr("s")


def message(reason: ReasonCode = ReasonCode.FIRST, *, redraws: str = "") -> Message:
    """One incident's card, at first or later, with buttons as long as it is not over."""
    standing = Standing(told_because=reason, acked_by="" if reason is ReasonCode.FIRST else "duty-1")
    card = compose(alert(1, conversation_id="c1"), standing, advice=AdviceBook())
    return Message("n-1", "i-1", "i-1", card, to="u1", presses=() if card.is_over else PRESSES, redraws=redraws)


@dataclass
class Vendor:
    """What a vendor keeps: cards by name, and how often each may still be drawn anew."""

    make: Callable[[str], Application]
    name: Callable[[Seen], str]  # of a card that is drawn anew
    method: str
    path: str  # of such a request
    token: Reply
    sent: Reply
    unknown: Reply
    is_once: bool = False

    def answering(self, cards: dict[str, str]) -> Callable[[Seen], Reply]:
        """Its answers; what was drawn is noted."""

        def answer(seen: Seen) -> Reply:
            if "oken" in seen.path and seen.path != self.path:
                return self.token
            if not seen.path.startswith(self.path) or seen.method != self.method:
                cards.setdefault(self.first_name(seen), "sent")
                return self.sent
            name = self.name(seen)
            if cards.get(name) is None or (self.is_once and cards[name] != "sent"):
                return self.unknown
            cards[name] = seen.body.decode()
            return said(success=True, result=True, code=0, errcode=0)

        return answer

    def first_name(self, seen: Seen) -> str:
        """The name of a card that is sent."""
        return seen.json().get("outTrackId") or NAMES[self.path]


NAMES = {"/open-apis/im/v1/messages/": "om_7", "/cgi-bin/message/update_template_card": "RC-7"}
VENDORS = {
    "dingtalk card": Vendor(
        make=lambda url: DingTalkCard(
            app_key="k", app_secret=SECRET, robot_code="r", template_id="t", callback_route="c", api=url
        ),
        name=lambda seen: seen.json()["outTrackId"],
        method="PUT",
        path="/v1.0/card/instances",
        token=said(accessToken="T", expireIn=7200),
        sent=said(success=True, result={"deliverResults": [{"success": True}]}),
        unknown=said(400, code="param.cardNotExist"),
    ),
    "feishu application": Vendor(
        make=lambda url: FeishuApplication(app_id="a", app_secret=SECRET, api=url),
        name=lambda seen: seen.path.rpartition("/")[2],
        method="PATCH",
        path="/open-apis/im/v1/messages/",
        token=said(code=0, tenant_access_token="T", expire=7200),
        sent=said(code=0, data={"message_id": "om_7"}),
        unknown=said(400, code=230001),
    ),
    "wecom application": Vendor(
        make=lambda url: WeComApplication(corp_id="c", corp_secret=SECRET, agent_id=7, api=url),
        name=lambda seen: seen.json()["response_code"],
        method="POST",
        path="/cgi-bin/message/update_template_card",
        token=said(errcode=0, access_token="T", expires_in=7200),
        sent=said(errcode=0, response_code="RC-7"),
        unknown=said(errcode=42045),
        is_once=True,
    ),
}
each_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)


@each_vendor
async def test_a_card_is_drawn_anew_in_its_place(vendor):
    """Acknowledged, then resolved: the same card says so, as often as its vendor allows, and nothing new is sent."""
    cards: dict[str, str] = {}
    async with fake_vendor() as server, Outgoing(Targets(private=["127.0.0.1"])) as way:
        server.answering = vendor.answering(cards)
        channel = ApplicationChannel(vendor.make(server.url), way)
        first = await channel.send(message(), now_ms=NOW_MS)
        acked = await channel.send(message(ReasonCode.ACKED, redraws=first.card_ref), now_ms=NOW_MS)
        assert [first.outcome, acked.outcome] == [Outcome.ACCEPTED] * 2
        assert list(cards) == [first.card_ref]
        assert "已确认" in cards[first.card_ref]
        assert acked.card_ref == ("" if vendor.is_once else first.card_ref)
        over = await channel.send(message(ReasonCode.RESOLVED, redraws=first.card_ref), now_ms=NOW_MS)
    assert over.outcome is (Outcome.REFUSED if vendor.is_once else Outcome.ACCEPTED)
    assert ("已解决" in cards[first.card_ref]) is not vendor.is_once
    assert len(cards) == 1


async def test_a_press_lets_a_card_of_wecom_be_drawn_once_more():
    """The vendor gives a code with the card and one with each press: what is used up is one of them, not the card."""
    vendor, cards = VENDORS["wecom application"], {"RC-8": "sent"}  # that of a press
    async with fake_vendor() as server, Outgoing(Targets(private=["127.0.0.1"])) as way:
        server.answering = vendor.answering(cards)
        channel = ApplicationChannel(vendor.make(server.url), way)
        first = await channel.send(message(), now_ms=NOW_MS)
        acked = await channel.send(message(ReasonCode.ACKED, redraws="RC-8"), now_ms=NOW_MS)
        over = await channel.send(message(ReasonCode.RESOLVED, redraws=first.card_ref), now_ms=NOW_MS)
        again = await channel.send(message(ReasonCode.RESOLVED, redraws="RC-8"), now_ms=NOW_MS)
    assert [each.outcome for each in (acked, over, again)] == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REFUSED]
    assert ("已确认" in cards["RC-8"], "已解决" in cards[first.card_ref]) == (True, True)


@pytest.mark.parametrize(
    ("reason", "sent"),
    [
        pytest.param(ReasonCode.ACKED, ["trigger", "acknowledge"], id="somebody has it"),
        pytest.param(ReasonCode.RESOLVED, ["trigger", "resolve"], id="it is over"),
        pytest.param(ReasonCode.JUDGED, ["trigger"], id="nothing that pagerduty knows"),
        pytest.param(ReasonCode.ACK_EXPIRED, ["trigger"], id="whom to page again the chain says"),
    ],
)
async def test_pagerduty_is_told_of_what_it_knows(reason, sent):
    """A card that is drawn anew never triggers: a trigger could page somebody."""
    async with fake_vendor() as server, Outgoing(Targets(private=["127.0.0.1"])) as way:
        server.answering = lambda seen: said(202, status="success", dedup_key=seen.json()["dedup_key"])
        channel = HttpChannel(PagerDuty(SECRET, api=server.url), way)
        first = await channel.send(message(), now_ms=NOW_MS)
        again = await channel.send(message(reason, redraws=first.card_ref), now_ms=NOW_MS)
    assert [seen.json()["event_action"] for seen in server.seen] == sent
    assert [each.outcome for each in (first, again)] == [Outcome.ACCEPTED] * 2
    assert first.card_ref == again.card_ref == "i-1"


@each_vendor
async def test_a_card_that_is_over_has_nothing_to_press(vendor):
    """The last drawing takes the buttons away."""
    cards: dict[str, str] = {}
    async with fake_vendor() as server, Outgoing(Targets(private=["127.0.0.1"])) as way:
        server.answering = vendor.answering(cards)
        channel = ApplicationChannel(vendor.make(server.url), way)
        first = await channel.send(message(), now_ms=NOW_MS)
        assert (await channel.send(message(ReasonCode.RESOLVED, redraws=first.card_ref), now_ms=NOW_MS)).outcome is (
            Outcome.ACCEPTED
        )
    assert not [each.seal for each in PRESSES if each.seal in cards[first.card_ref]]


@each_vendor
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        pytest.param(None, Outcome.REFUSED, id="a card that the vendor does not know"),
        pytest.param(Reply(b"", 500), Outcome.UNREACHABLE, id="broken"),
        pytest.param(Reply(b"", 429), Outcome.RATE_LIMITED, id="throttled"),
    ],
)
async def test_what_the_vendor_does_not_do_is_no_success(vendor, reply, outcome):
    """Judged as any other answer, and without a name for the next time."""
    async with fake_vendor() as server, Outgoing(Targets(private=["127.0.0.1"])) as way:
        drawing = vendor.answering({})
        server.answering = lambda seen: reply if reply and seen.path.startswith(vendor.path) else drawing(seen)
        channel = ApplicationChannel(vendor.make(server.url), way)
        judged = await channel.send(message(ReasonCode.ACKED, redraws="om_other"), now_ms=NOW_MS)
    assert (judged.outcome, judged.card_ref) == (outcome, "")


@each_vendor
async def test_a_name_that_is_too_long_is_none(vendor):
    """It would not go into a receipt; the card stays as it is."""
    long = "x" * (MAX_ID_CHARS + 1)
    sent = said(success=True, result=True, code=0, data={"message_id": long}, errcode=0, response_code=long)
    async with fake_vendor() as server, Outgoing(Targets(private=["127.0.0.1"])) as way:
        server.answering = replace(vendor, sent=sent).answering({})
        judged = await ApplicationChannel(vendor.make(server.url), way).send(message(), now_ms=NOW_MS)
    assert judged.outcome is Outcome.ACCEPTED
    assert len(judged.card_ref) <= MAX_ID_CHARS
