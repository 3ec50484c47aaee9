"""What only the whole text can tell: whether mild words add up, praise outweighs them, an enquiry was made in anger."""

from pipeline.hits import Dropped
from pipeline.reading import RawSign, Reading
from pipeline.rules.snapshot import Kind, Snapshot
from pipeline.text.scan import Hit
from schemas.vocabulary import Level

_ASKED_SCORE = 66  # a bare enquiry for the complaint line, asked in anger
_MILD_SCORE = 40  # above it stands churn, abuse, accusation: no praise makes up for those
_MAX_WORDS = 60  # of one clause; more of them say nothing new and would be compared with one another

_NEGATIVE, _POSITIVE, _ASKING = 1 << Kind.NEGATIVE, 1 << Kind.POSITIVE, 1 << Kind.ASKING


def weak_balance(found: list[Hit], rules: Snapshot) -> int:
    """Mild negative words of a clause more than its praise; of words inside one another the longer one counts."""
    kinds = rules.kinds
    praise = [(start, end) for phrase, start, end in found if kinds[phrase] & _POSITIVE][:_MAX_WORDS]
    blame = [(start, end) for phrase, start, end in found if kinds[phrase] & _NEGATIVE][:_MAX_WORDS]
    asking = sum([kinds[phrase] & _ASKING != 0 for phrase, _, _ in found])
    if len(praise) + len(blame) <= 1:  # nothing to compare
        return len(blame) - len(praise) - asking
    balance, last_end = -asking, -1
    for start, end in sorted(blame, key=lambda span: (span[0], -span[1])):
        if start >= last_end and not any(low <= start and end <= high for low, high in praise):
            balance += 1
            last_end = end
    last_end = -1
    for start, end in sorted(praise, key=lambda span: (span[0], -span[1])):
        if start >= last_end and not any(
            low <= start and end <= high and high - low > end - start for low, high in blame
        ):
            balance -= 1
            last_end = end
    return balance


def finish(
    reading: Reading, rules: Snapshot, by_clause: dict[int, list[Hit]], balance: int, inquiry_level: Level
) -> None:
    """What only the whole text can tell: mild words together, praise around displeasure, an enquiry made in anger."""
    weak = rules.pack.weak
    if not reading.signs:
        if balance < weak.threshold:
            return
        first_phrase, start, end = next(
            hit for number in sorted(by_clause) for hit in by_clause[number] if rules.kinds[hit[0]] & _NEGATIVE
        )
        reading.signs.append(
            RawSign("level.potential:weak_signs", Level.POTENTIAL, weak.score, start, end, rules.phrases[first_phrase])
        )
    _weigh_praise(reading, rules, by_clause)
    if any(sign.rule == "guard.inquiry" for sign in reading.signs):
        if reading.has_mood():
            reading.signs = [
                sign._replace(level=Level.EXPLICIT, score=_ASKED_SCORE) if sign.rule == "guard.inquiry" else sign
                for sign in reading.signs
            ]
        elif inquiry_level is Level.NONE:
            reading.signs = [sign for sign in reading.signs if sign.rule != "guard.inquiry"]
    if reading.level is not Level.NONE:
        for polite in ("thanks", "solved"):
            if polite in reading.tags:
                reading.tags.remove(polite)


def _weigh_praise(reading: Reading, rules: Snapshot, by_clause: dict[int, list[Hit]]) -> None:
    """Mild displeasure in the middle of much praise is that of a content customer."""
    if reading.level is not Level.POTENTIAL or any(sign.score > _MILD_SCORE for sign in reading.signs):
        return
    praise = {hit[1] for found in by_clause.values() for hit in found if rules.kinds[hit[0]] & _POSITIVE}
    places = {sign.start for sign in reading.signs}
    if len(praise) < max(2, rules.pack.weak.praise_share * len(places)):
        return
    for sign in reading.signs:
        reading.dropped.append(Dropped(sign.rule, sign.word, sign.start, sign.end, "praise outweighs it"))
    reading.signs.clear()
