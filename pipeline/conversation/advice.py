"""Advice: the sentence that an agent reads while the customer is still on the line. Chinese first, then English."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.vocabulary import Level, ThreatGroup


class Advice(NamedTuple):
    """One piece of advice in both languages."""

    zh: str
    en: str


_BY_LEVEL: dict[Level, Advice] = {
    Level.NONE: Advice("", ""),
    Level.POTENTIAL: Advice(
        "客户已有不满：先听完，道歉并复述问题，说清下一步和时间。",
        "The customer is displeased: hear them out, apologise, repeat the problem, name the next step and when.",
    ),
    Level.EXPLICIT: Advice(
        "客户明确投诉：先致歉，不争辩；给出至少两个方案和明确时限，并告知班组长。",
        "A complaint was stated: apologise, do not argue; offer two ways out with a deadline, tell your team lead.",
    ),
    Level.HIGH_RISK: Advice(
        "高危投诉：立即请班组长介入；稳住客户，只说已核实的事，不作承诺以外的表态。",
        "High risk: get your team lead now; keep calm, say only what is verified, promise nothing beyond it.",
    ),
}

# The most urgent first: one card carries one piece of advice.
_BY_THREAT: dict[ThreatGroup, Advice] = {
    ThreatGroup.SAFETY_SELF_HARM: Advice(
        "客户可能伤害自己：先关心人，不挂断、不争辩、不转机器人；立即通知班组长启动紧急联络。",
        "The customer may harm themselves: the person comes first. Stay on the line, do not argue, call your lead.",
    ),
    ThreatGroup.SAFETY_VIOLENCE: Advice(
        "客户有暴力威胁：保持冷静，不刺激、不透露同事信息；立即通知班组长和安全联系人。",
        "Violence was threatened: stay calm, reveal nothing about colleagues, tell your lead and security at once.",
    ),
    ThreatGroup.SAFETY_INJURY: Advice(
        "可能有人受伤：先问人是否安全、是否就医，提醒停止使用产品；记录经过并立即上报。",
        "Somebody may be hurt: ask if they are safe, ask them to stop using the product, record it and report now.",
    ),
    ThreatGroup.REGULATOR: Advice(
        "客户提到监管部门：不要劝阻或撤诉交换；致歉，请主管在时限内回电给出书面方案。",
        "A regulator was named: never trade or talk them out of it; apologise, have a supervisor call back in time.",
    ),
    ThreatGroup.MEDIA_EXPOSURE: Advice(
        "客户提到媒体曝光：致歉，只陈述事实，少留文字；立即请主管接手。",
        "Media exposure was named: apologise, state facts only, write little; hand over to a supervisor now.",
    ),
    ThreatGroup.SOCIAL_PLATFORM: Advice(
        "客户要上网发布：致歉并当场给出处理方案，不要求删帖；请主管接手。",
        "The customer means to post it: apologise and offer a way out now, ask for no deletion; get a supervisor.",
    ),
    ThreatGroup.LEGAL: Advice(
        "客户提到法律途径：按政策和法规答复，不评价对错，不说“你去告”；请主管接手。",
        "Legal steps were named: answer by policy and law, do not judge, never dare them; get a supervisor.",
    ),
    ThreatGroup.GROUP_OFFLINE: Advice(
        "客户提到群体或线下行动：问清人数和诉求，不激化；立即上报。",
        "Group or offline action was named: ask how many and what they want, do not inflame it; report now.",
    ),
    ThreatGroup.INFLUENCE: Advice(
        "客户表明特殊身份：谨慎用语，少留文字，立即上报，尽快给出决定。",
        "The customer names their influence: careful words, little in writing, escalate and decide fast.",
    ),
}


def advise(level: Level, threats: Sequence[ThreatGroup]) -> Advice:
    """What helps now: by the most urgent threat where there is one, else by level."""
    if level is Level.HIGH_RISK:
        for group, advice in _BY_THREAT.items():
            if group in threats:
                return advice
    return _BY_LEVEL[level]
