"""What a letter to an authority wants: asking and suggesting are no complaint, a grievance told is one."""

from pipeline.hits import Dropped
from pipeline.reading import RawSign, Reading
from pipeline.rules.expressions import Verdict
from pipeline.rules.snapshot import Snapshot
from schemas.vocabulary import Level

_SHORTEST_CHARS = 40  # anything shorter is said in a conversation
_TOLD_SCORE = 62


def weigh_letter(reading: Reading, rules: Snapshot, *, text: str, whole: Verdict) -> None:
    """Weigh the signs of a text below high risk as those of a letter, if it is one.

    An authority is there to be told: it gets no bad reviews and loses no customers, so displeasure told to it is a
    complaint, while asking it to act is what any request looks like (`docs/levels-and-score.md`).
    """
    if len(text) < _SHORTEST_CHARS or not reading.signs:
        return
    level = reading.level
    if level is Level.HIGH_RISK or not whole.says("guard.civic"):
        return
    blame = [sign for sign in reading.signs if sign.level is Level.POTENTIAL]
    only_requests = all(sign.level is Level.POTENTIAL or sign.rule in rules.civic_requests for sign in reading.signs)
    if only_requests and whole.says("guard.civic_asks"):
        _keep(reading, blame if len(blame) > 1 else [])
    elif only_requests and whole.says("guard.civic_wishes"):
        if not blame:
            _keep(reading, [])
    elif level is Level.POTENTIAL:
        told = max(blame, key=lambda sign: sign.score)
        reading.signs.append(RawSign("guard.civic", Level.EXPLICIT, _TOLD_SCORE, told.start, told.end, told.word))


def _keep(reading: Reading, kept: list[RawSign]) -> None:
    for sign in reading.signs:
        if sign not in kept:
            reading.dropped.append(Dropped(sign.rule, sign.word, sign.start, sign.end, "a letter that only asks"))
    reading.signs = kept
