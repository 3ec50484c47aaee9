"""What people are told, and what becomes of it."""

from schemas.actions import ActionKind, ActionSource, Verdict
from schemas.audits import ActionAudit, ActionResult
from schemas.base import Wire
from schemas.cards import Button, Card, Fact
from schemas.crossings import AgentComplaint, Inhibition
from schemas.deliveries import BudgetClass, Notification, Outcome, Receipt, Receiver, Result
from schemas.examples.customer import AT, MINUTE_MS, REFUND, RULES
from schemas.incidents import Incident, IncidentState, ReasonCode
from schemas.labels import VerdictLabel
from schemas.vocabulary import AlertKind, ChannelClass, Level, ReasonGroup

INCIDENTS: tuple[Wire, ...] = (
    Incident(
        incident_id="incident:high_risk:call-1001",
        fingerprint="level_rise:call-1001",
        state=IncidentState.OPEN,
        level=Level.HIGH_RISK,
        title="广东 · 退款 · 高危",
        regions=("440000",),
        reasons=(ReasonGroup.AFTER_SALES,),
        members=("level_rise:call-1001:u-7:high_risk",),
        count=1,
        opened_at=AT + 120,
        updated_at=AT + 120,
        step=0,
        reason_code=ReasonCode.FIRST,
    ),
    Notification(
        notification_id="incident:high_risk:call-1001:0:ops",
        channel="dingtalk-ops",
        to="group",
        incident_id="incident:high_risk:call-1001",
        step=0,
        budget_class=BudgetClass.RESERVED,
        dedup_key="incident:high_risk:call-1001:0",
        card=Card(
            title="高危投诉｜广东｜监管举报｜1 件",
            level=Level.HIGH_RISK,
            facts=(Fact(name="地区", value="广东 · 电话"),),
            samples=("再不退款我就打【12315】，我的电话是[电话]",),
            why=("规则 threat.regulator:12315",),
            advice="先致歉，请主管在时限内回电。",
            buttons=(Button(label="看板", url="https://board.example.com/"),),
        ),
        not_after=AT + 30 * MINUTE_MS,
        region="440000",
        alternatives=(Receiver(channel="wecom-ops", to="group"),),
        emitted_at=AT + 300,
    ),
    Receipt(
        notification_id="incident:high_risk:call-1001:0:ops",
        result=Result.SENT,
        reason=Outcome.ACCEPTED,
        attempt=1,
        latency_ms=85,
        at=AT + 400,
        vendor_code="0",
    ),
    ActionAudit(
        action_id="action-5006",
        action=ActionKind.ACK,
        result=ActionResult.TAKEN,
        region="440000",
        actor="duty-1",
        source=ActionSource.LINK,
        at=AT,
        incident_id="incident:conversation:call-1001:u-7",
    ),
    Inhibition(
        region="310000",
        mutes="outbreak:quality:p-9:",
        incident_id="incident:outbreak:cause:1",
        is_open=True,
        emitted_at=AT,
    ),
    AgentComplaint(
        agent_id="a-17",
        alert_id="level_rise:call-1001:explicit:u-4",
        conversation_id="call-1001",
        region="440000",
        occurred_at=AT,
        emitted_at=AT + 200,
        queue="repair",
        reasons=(REFUND,),
    ),
    VerdictLabel(
        alert_id="level_rise:call-1001:high_risk:u-7",
        verdict=Verdict.TRUE,
        by="duty-1",
        at=AT + 60_000,
        kind=AlertKind.LEVEL_RISE,
        level=Level.HIGH_RISK,
        region="440000",
        occurred_at=AT,
        reasons=(REFUND,),
        rules=("threat.regulator:12315",),
        channel=ChannelClass.VOICE,
        conversation_id="call-1001",
        utterance_id="u-7",
        rules_version=RULES,
    ),
)
