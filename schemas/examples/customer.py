"""The customer whom most examples are about: when they called, what they said, what they were promised."""

from schemas.evidence import Evidence, Reason
from schemas.promises import PromiseTo
from schemas.vocabulary import ChannelClass, ReasonGroup

AT = 1_767_225_600_000  # the first millisecond of 2026, UTC
MINUTE_MS = 60_000
RULES = "3f9c2a71"
REFUND = Reason(l1=ReasonGroup.AFTER_SALES, l2="refund", ca="售后服务")
SAID = Evidence(
    rule="threat.regulator:12315",
    version=RULES,
    utterance_id="u-7",
    char_start=8,
    char_end=13,
    text_masked="再不退款我就打12315，我的电话是[电话]",
    mark_start=7,
    mark_end=12,
)

PROMISED_TO = PromiseTo(
    conversation_id="call-1001",
    channel=ChannelClass.VOICE,
    region="440000",
    queue="after_sales",
    agent_id="agent-17",
    customer_key="5b1f0c",
    order_id="order-1",
)
