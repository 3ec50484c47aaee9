"""When a threat word is a threat: the conditions of each group (`domain.md` 5)."""

from collections.abc import Callable

from pipeline.clauses import Clause
from pipeline.rules.expressions import Verdict
from pipeline.rules.model import ThreatRule, Verbs
from schemas.vocabulary import ThreatGroup

_OWN_VERBS = ("发", "挂", "开", "拍", "传", "放", "网上曝光", "黑猫投诉", "避雷帖", "热搜")
ORDINARY_CHANNEL = "an authority's ordinary channel"
_HARMLESS_OF_LIFE = ("self_harm_denied", "self_harm_reported")
_HARMLESS = ("threat_ordinary", "threat_inquiry", "threat_denied", "threat_reported")
# A crowd comes to an address, and who strikes may play a game as well.
_NEVER_ORDINARY = (ThreatGroup.SAFETY_VIOLENCE, ThreatGroup.GROUP_OFFLINE)
_GAP_CHARS = 2  # between a verb in front and the name: 发个抖音, 上你们微博


def has_verb(text: str, clause: Clause, start: int, end: int, verbs: Verbs) -> bool:
    """Whether a verb of intent stands near a platform's name; some verbs count only right in front of it."""
    if any(text.startswith(verb, start) for verb in _OWN_VERBS):  # the phrase brings its own verb: 发网上
        return True
    before = text[max(clause.start, start - verbs.within_chars) : start]
    after = text[end : min(clause.end, end + verbs.within_chars)]
    if any(verb in before or verb in after for verb in verbs.around):
        return True
    for word in verbs.not_before:
        before = before.replace(word, " ")
    return any(
        0 <= len(before) - (place + len(verb)) <= _GAP_CHARS
        for verb in verbs.before
        if (place := before.rfind(verb)) >= 0
    )


def why_not(
    rule: ThreatRule,
    verdict: Verdict,
    in_front: Callable[[], Verdict],
    *,
    has_verb: bool,
    has_link: bool,
    is_civic_channel: bool,
) -> str:
    """Why a threat word does not count; empty when it does."""
    if verdict.is_ruled_out(f"threat.{rule.group}"):
        return f"unless of {rule.group}"
    if rule.needs_verb and not has_verb:
        return "a platform's name without a verb of intent"
    if rule.needs_link and not has_link:
        return "no link to our product or staff"
    if is_civic_channel:
        return ORDINARY_CHANNEL
    return harmless(verdict, rule.group, in_front)


def harmless(verdict: Verdict, group: ThreatGroup, in_front: Callable[[], Verdict]) -> str:
    """The guard by which this clause threatens nobody, whatever its words; empty when there is none.

    `in_front` reads what stands in the clause right before the words. Where somebody speaks of their own life nothing
    else is asked: 我不要钱了我要自杀 denies the money.
    """
    if group is ThreatGroup.SAFETY_SELF_HARM:
        before = in_front()
        return next((guard for guard in _HARMLESS_OF_LIFE if before.says(f"guard.{guard}")), "")
    said = (guard for guard in _HARMLESS if verdict.says(f"guard.{guard}"))
    return next((guard for guard in said if guard != "threat_ordinary" or group not in _NEVER_ORDINARY), "")
