"""What a speech recogniser was not sure of counts half: `domain.md` 6.1.

The halved points say which level the sign still has, so one unsure word never raises the highest alarm, and two of them
add up. Where somebody's safety is at stake nothing is halved: asking once too often is the smaller mistake. A
withdrawal cannot be halved: in words that nobody is sure of it takes no complaint back.
"""

from msgspec.structs import replace

from pipeline.conversation.heard import Heard
from pipeline.conversation.said import Event
from pipeline.conversation.score import BANDS, level_of_score
from pipeline.conversation.state import CUSTOMER, SOLVED, WITHDRAWN
from pipeline.findings import Finding, Sign
from schemas.calls import Utterance
from schemas.vocabulary import ThreatGroup

SURE = 0.6  # the least confidence of a text that counts in full
SHARE = 0.5
UNSURE = "asr_unsure"
_SETTLING = frozenset({WITHDRAWN, SOLVED})
_SAFETY = frozenset({ThreatGroup.SAFETY_SELF_HARM, ThreatGroup.SAFETY_VIOLENCE, ThreatGroup.SAFETY_INJURY})


def as_sure_as_heard(heard: Heard, event: Event) -> Heard:
    """What was heard, at half its weight where the recogniser was unsure of a customer's words."""
    finding = heard.finding
    if type(event) is not Utterance or event.confidence is None or event.confidence >= SURE:
        return heard
    if finding is None or event.role is not CUSTOMER or not _SAFETY.isdisjoint(finding.threats):
        return heard
    if not finding.signs and _SETTLING.isdisjoint(finding.tags):
        return heard
    return replace(heard, finding=_doubted(_halved(finding) if finding.signs else finding))


def _doubted(finding: Finding) -> Finding:
    """The finding under its tag, without what would settle a complaint."""
    return replace(finding, tags=(*(tag for tag in finding.tags if tag not in _SETTLING), UNSURE))


def _halved(finding: Finding) -> Finding:
    signs = tuple(_halved_sign(sign) for sign in finding.signs)
    level = max((sign.level for sign in signs), key=lambda level: level.rank)
    lowest, highest = BANDS[level]
    return replace(
        finding,
        level=level,
        score=min(max(int(finding.score * SHARE), lowest), highest),
        signs=signs,
        threats=(),  # no halved sign reaches high_risk
    )


def _halved_sign(sign: Sign) -> Sign:
    score = int(sign.score * SHARE)
    return replace(sign, score=score, level=level_of_score(score), weight=SHARE)
