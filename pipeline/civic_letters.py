"""What a letter to an authority wants: asking and suggesting are no complaint, a grievance told is one."""

from pipeline.hits import Dropped
from pipeline.reading import RawSign, Reading
from pipeline.rules.expressions import Verdict
from pipeline.rules.snapshot import Snapshot
from schemas.vocabulary import Level, ThreatGroup

_SHORTEST_CHARS = 40  # anything shorter is said in a conversation
_TOLD_SCORE = 62


def speaks_to_authority(whole: Verdict) -> bool:
    """Whether a whole text is one for a government office: its salutation, its matter, or a title over it."""
    return whole.says("guard.civic") or whole.says("guard.civic_title")


def weigh_letter(reading: Reading, rules: Snapshot, *, text: str, whole: Verdict) -> None:
    """Weigh the signs of a text as those of a letter, if it is one.

    An authority is there to be told: it gets no bad reviews and loses no customers, so displeasure told to it is a
    complaint, while asking it to act is what any request looks like (`docs/levels-and-score.md`).
    """
    if len(text) < _SHORTEST_CHARS or not reading.signs or not speaks_to_authority(whole):
        return
    blame = [sign for sign in reading.signs if sign.level is Level.POTENTIAL]
    only_asks = all(sign.rule in rules.civic_requests for sign in reading.signs if sign.level is Level.EXPLICIT)
    if not blame and only_asks:
        _weigh_joint(reading, rules)
    level = reading.level
    if level is Level.HIGH_RISK:
        return
    if only_asks and whole.says("guard.civic_asks"):
        _keep(reading, blame if len(blame) > 1 else [])
    elif only_asks and whole.says("guard.civic_wishes"):
        if not blame:
            _keep(reading, [])
    elif level is Level.POTENTIAL:
        told = max(blame, key=lambda sign: sign.score)
        reading.signs.append(RawSign("guard.civic", Level.EXPLICIT, _TOLD_SCORE, told.start, told.end, told.word))


def _weigh_joint(reading: Reading, rules: Snapshot) -> None:
    """Who speaks for many, and for many only asks, threatens nobody."""
    high = [sign for sign in reading.signs if sign.level is Level.HIGH_RISK]
    if all(sign.rule.rpartition(":")[2] in rules.civic_joint for sign in high):
        _keep(reading, [sign for sign in reading.signs if sign not in high])
        if ThreatGroup.GROUP_OFFLINE in reading.threats:
            reading.threats.remove(ThreatGroup.GROUP_OFFLINE)


def _keep(reading: Reading, kept: list[RawSign]) -> None:
    for sign in reading.signs:
        if sign not in kept:
            reading.dropped.append(Dropped(sign.rule, sign.word, sign.start, sign.end, "a letter that only asks"))
    reading.signs = kept
