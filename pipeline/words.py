"""Chinese names of the closed vocabularies, for people who read a card or a terminal. The wire keeps its own values."""

from schemas.actions import Verdict
from schemas.commands import CommandKind
from schemas.incidents import ReasonCode
from schemas.kpis import Kpi
from schemas.promises import PromiseKind
from schemas.sla_clocks import GoalKind
from schemas.tickets import TicketStatus
from schemas.vocabulary import AlertKind, Category, ChannelClass, Level, ReasonGroup, ThreatGroup

LEVELS = {
    Level.NONE: "无",
    Level.POTENTIAL: "潜在投诉",
    Level.EXPLICIT: "明确投诉",
    Level.HIGH_RISK: "高危投诉",
}
CHANNELS = {
    ChannelClass.VOICE: "电话",
    ChannelClass.CHAT: "聊天",
    ChannelClass.TICKET: "工单",
    ChannelClass.FEEDBACK: "问卷",
    ChannelClass.EMAIL: "邮件",
    ChannelClass.SOCIAL: "社交",
}
REASON_GROUPS = {
    ReasonGroup.PRODUCT: "产品问题",
    ReasonGroup.LOGISTICS: "物流配送",
    ReasonGroup.SERVICE: "客服服务",
    ReasonGroup.AFTER_SALES: "售后处理",
    ReasonGroup.BILLING_CONTRACT: "价格合同",
    ReasonGroup.OTHER: "其他",
}
THREATS = {
    ThreatGroup.MEDIA_EXPOSURE: "媒体曝光",
    ThreatGroup.SOCIAL_PLATFORM: "网上传播",
    ThreatGroup.REGULATOR: "监管举报",
    ThreatGroup.LEGAL: "法律途径",
    ThreatGroup.GROUP_OFFLINE: "群体行动",
    ThreatGroup.SAFETY_SELF_HARM: "轻生风险",
    ThreatGroup.SAFETY_VIOLENCE: "暴力威胁",
    ThreatGroup.SAFETY_INJURY: "人身伤害",
    ThreatGroup.INFLUENCE: "身份影响",
}
ALERT_KINDS = {
    AlertKind.LEVEL_RISE: "等级上升",
    AlertKind.SELF_HARM: "先顾人",
    AlertKind.SLA_WARNING: "时限将到",
    AlertKind.SLA_BREACH: "已超时限",
    AlertKind.SURGE: "地区激增",
    AlertKind.RATE: "比例过高",
    AlertKind.OUTBREAK: "集中爆发",
    AlertKind.NO_DATA: "没有数据",
    AlertKind.PROMISE: "承诺未兑现",
    AlertKind.PROMISE_WARNING: "承诺将到期",
    AlertKind.HOUSE_RULE: "违反内部规定",
    AlertKind.COMMAND_UNANSWERED: "工单指令未执行",
    AlertKind.SCORE_FALL: "满意度下降",
    AlertKind.REVIEW_UNANSWERED: "评论未回复",
    AlertKind.AGENT_COMPLAINTS: "同一坐席连续投诉",
}
REFUSALS = {
    Category.DECODE: "不是 JSON 或不是 UTF-8",
    Category.SCHEMA: "字段缺失或类型不对",
    Category.UNKNOWN_TYPE: "未知的事件类型",
    Category.TIME_OUT_OF_RANGE: "时间超出范围",
    Category.TOO_LARGE: "超过大小上限",
    Category.RULE_ERROR: "规则出错",
    Category.ILLEGAL_STEP: "当前状态不允许该操作",
}
FIGURES = {
    Kpi.NPS: "净推荐值",
    Kpi.CSAT: "满意度",
    Kpi.CES: "费力度（高为省力）",
    Kpi.REVIEW: "评论星级",
    Kpi.SENTIMENT: "评价情感",
    Kpi.REVIEW_ANSWER: "评论答复时间",
    Kpi.COMPLAINT_RATE_A: "客诉率（人）",
    Kpi.DISSATISFIED_RATE_A: "不满率（人）",
    Kpi.COMPLAINT_RATE_B: "客诉率（次）",
    Kpi.DISSATISFIED_RATE_B: "不满率（次）",
    Kpi.SAVED: "挽回率",
    Kpi.REPEAT_CONTACT: "72 小时重复来访",
    Kpi.FIRST_RESPONSE: "首次响应",
    Kpi.WARNED_AHEAD: "提前预警率",
    Kpi.LEAD_TIME: "预警提前量",
    Kpi.RESOLUTION: "平均解决时间",
    Kpi.SLA_ATTAINMENT: "时限达成率",
    Kpi.PAUSE_SHARE: "暂停占比",
    Kpi.FIRST_ACTION: "首次处置",
    Kpi.ACKNOWLEDGE: "确认用时",
    Kpi.OCCUPANCY: "占用率",
    Kpi.PROMISE_KEPT: "承诺兑现率",
    Kpi.UPSELL: "成交率",
}
TOLD_BECAUSE = {
    ReasonCode.FIRST: "首次告警",
    ReasonCode.LEVEL_RAISED: "等级上升",
    ReasonCode.NEW_MEMBERS: "又有新增",
    ReasonCode.REMINDER: "仍未处理，再次提醒",
    ReasonCode.ESCALATED: "无人确认，已升级",
    ReasonCode.REOPENED: "已解决后再次发生",
    ReasonCode.RESOLVED: "已解决",
    ReasonCode.ACK_EXPIRED: "确认后仍未解决",
    ReasonCode.ACKED: "已有人确认",
    ReasonCode.JUDGED: "已有判定",
    ReasonCode.SILENCED: "已静默",
    ReasonCode.SILENCE_ENDED: "静默已结束",
}

VERDICTS = {Verdict.TRUE: "告警正确", Verdict.FALSE_ALARM: "误报", Verdict.HANDLED: "已处理"}

GOALS = {
    GoalKind.FIRST_RESPONSE: "首次响应",
    GoalKind.NEXT_RESPONSE: "后续响应",
    GoalKind.EVERY_RESPONSE: "逐条响应",
    GoalKind.PERIODIC_UPDATE: "定期告知",
    GoalKind.REQUESTER_WAIT: "客户等待",
    GoalKind.HANDLE: "处理时长",
    GoalKind.FIRST_RESOLUTION: "首次解决",
    GoalKind.TOTAL_RESOLUTION: "最终解决",
    GoalKind.FIRST_ACTION: "投诉首次处置",
}

COMMANDS = {
    CommandKind.ASSIGN: "转派",
    CommandKind.SET_PRIORITY: "提级",
    CommandKind.NOTIFY_CUSTOMER: "告知客户",
    CommandKind.ADD_NOTE: "内部备注",
    CommandKind.LINK: "关联会话",
}
PROMISES = {
    PromiseKind.CALLBACK: "回电",
    PromiseKind.ANSWER: "答复",
    PromiseKind.REFUND: "退款",
    PromiseKind.SHIP: "发货或换新",
    PromiseKind.VISIT: "上门",
    PromiseKind.GIFT: "补偿或赠品",
    PromiseKind.HANDLE: "处理",
}

PARKING = {
    "late_pause": "临近到期才暂停",
    "long_pause": "暂停超过一半",
    "many_pauses": "反复暂停",
    "dodged_warnings": "多次在预警前暂停",
    "unheard_customer": "客户已回复仍暂停",
    "refiled_category": "质量问题被改成其他类别",
    "unexplained_rejection": "拒绝而无说明",
    "repeated_order": "同一订单有多张工单",
    "bulk_rejection": "短时间批量拒绝",
    "bulk_status": "短时间批量改状态",
    "unstaffed_hours": "值守时段无人应答",
    "reopened_soon": "解决后一天内重开",
}
TICKET_STATUS = {
    TicketStatus.NEW: "已受理",
    TicketStatus.OPEN: "处理中",
    TicketStatus.PENDING: "等待您的回复",
    TicketStatus.ON_HOLD: "等待第三方",
    TicketStatus.SOLVED: "已解决",
    TicketStatus.CLOSED: "已关闭",
}
