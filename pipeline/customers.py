"""Read one customer text: each clause through guards, cues, patterns and threats; then what the whole text adds."""

from collections import defaultdict
from functools import partial

from pipeline.civic_letters import speaks_to_authority, weigh_letter
from pipeline.clauses import Clause, ClauseIndex
from pipeline.guards import decide
from pipeline.hits import Dropped, Mention, mentions, real
from pipeline.reading import GuardSpoke, RawSign, Reading
from pipeline.rules.expressions import Verdict
from pipeline.rules.snapshot import COMPLAINT, DOUBTFUL, READ, TOLD, WEAK, Kind, Snapshot, Use
from pipeline.solved import unsettled
from pipeline.text.scan import Hit
from pipeline.threats import ORDINARY_CHANNEL, harmless, has_verb, why_not
from pipeline.weighing import finish, weak_balance
from schemas.vocabulary import Level, ThreatGroup

# What a threat word still shows when it is no threat: 电话是12315吗 asks, 客服让我打12315 tells of a quarrel. One
# that is ruled out (不用找消协) shows nothing, like 投诉 in 不投诉.
_WEAKENED = {
    "threat_inquiry": (Level.POTENTIAL, 32),
    "threat_reported": (Level.EXPLICIT, 66),
    "self_harm_reported": (Level.EXPLICIT, 66),
}
_NOT_NEEDED = ("不用", "不必", "无需", "不需要", "用不着", "没必要")
_SPEAKING = {*_WEAKENED, "threat_denied", "self_harm_denied"}
_IN_FRONT_CHARS = 40  # a denial stands right before; a clause of 8,000 characters may have 4,000 threats
_OBJECT_CHARS = 1  # 不投诉要求退款 asks for nothing; 不想投诉可你们必须赔 goes on to
_SOLVED = "solved"  # the tag that has to be meant: it takes a complaint back
_SHARED_FROM = ("分享自", "转自", "来自", "摘自", "via")  # in front of the mention of whoever wrote what is shared


def read_customer(text: str, hits: list[Hit], rules: Snapshot, *, inquiry_level: Level = Level.POTENTIAL) -> Reading:
    """All that one customer text shows."""
    reading = Reading()
    named = mentions(text)
    kinds = _kinds(hits, rules)
    if named or kinds & DOUBTFUL:
        hits = real(text, hits, rules, named, reading.dropped)
        kinds = _kinds(hits, rules)
    if not kinds & READ and not named and _tells_one_thing(hits, rules, reading):
        return reading
    index = ClauseIndex(text)
    by_clause: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_clause[index.at(hit[1])].append(hit)
    balance = 0
    whole = rules.expressions.read(text)
    for number in sorted(by_clause):
        found = by_clause[number]
        kinds = _kinds(found, rules)
        is_hypothetical = False
        if kinds & READ:
            clause = index.clause(number)
            verdict = rules.expressions.read(clause.text)
            is_hypothetical = _Clause(reading, rules, text, clause, found, verdict, whole=whole).read()
        if kinds & WEAK and not is_hypothetical:
            balance += weak_balance(found, rules)
        if kinds & TOLD:
            _collect(reading, rules, found, text=text, clause=index.clause(number))
    if named:
        _read_mentions(reading, rules, text, named)
    finish(reading, rules, by_clause, balance, inquiry_level)
    weigh_letter(reading, rules, text=text, whole=whole)
    return reading


def _kinds(hits: list[Hit], rules: Snapshot) -> int:
    kinds = 0
    for phrase, _, _ in hits:
        kinds |= rules.kinds[phrase]
    return kinds


def _tells_one_thing(hits: list[Hit], rules: Snapshot, reading: Reading) -> bool:
    """Whether a text without clauses to be read shows one tag at most, none that a guard reads, and few mild words.

    Such a text only says thanks, mostly. Several tags stand in the order of their clauses, so those have to be known.
    """
    tags, mild = set(), 0
    for phrase, _, _ in hits:
        for use in rules.uses[phrase]:
            if use.kind is Kind.TAG or use.kind is Kind.CUSTOMER_TYPE:
                tags.add(use.rule)
            elif use.kind is Kind.NEGATIVE:
                mild += 1
    if len(tags) > 1 or _SOLVED in tags or mild >= rules.pack.weak.threshold:
        return False
    reading.tags.extend(tags)
    return True


class _Clause:
    """One clause being read."""

    def __init__(
        self,
        reading: Reading,
        rules: Snapshot,
        text: str,
        clause: Clause,
        found: list[Hit],
        verdict: Verdict,
        *,
        whole: Verdict,
    ) -> None:
        self.reading, self.rules, self.text, self.clause = reading, rules, text, clause
        self.found, self.verdict, self.whole = found, verdict, whole
        self.denied_until = len(text)  # where what a denial of the complaint denies is over

    def read(self) -> bool:
        """Add the signs of the clause to the reading; whether it only supposes what it says."""
        kinds = self.rules.kinds
        complaint = next((hit for hit in self.found if kinds[hit[0]] & COMPLAINT), None)
        is_quiet = complaint is not None and self._read_complaint(complaint)
        is_hypothetical = self.verdict.says("guard.hypothetical")
        if is_hypothetical:
            self._spoke("hypothetical")
        patterns = set()
        for hit in self.found:
            for use in self.rules.uses[hit[0]] if kinds[hit[0]] & READ else ():
                if use.kind is Kind.CUE:
                    self._read_cue(hit, use, is_quiet=is_quiet, is_hypothetical=is_hypothetical)
                elif use.kind is Kind.THREAT:
                    self._read_threat(hit, use)
                elif use.kind is Kind.ANCHOR and use.rule not in patterns:
                    patterns.add(use.rule)
                    self._read_pattern(use, is_quiet=is_quiet, is_hypothetical=is_hypothetical)
        return is_hypothetical

    def _read_complaint(self, hit: Hit) -> bool:
        decision = decide(self.verdict)
        if decision.guard:
            self._spoke(decision.guard)
        if decision.tag:
            self.reading.tag(decision.tag)
        if decision.guard == "negated":
            self.denied_until = self.clause.start + self.verdict.span("guard.negated")[1] + _OBJECT_CHARS
        if decision.level is Level.NONE:
            self._drop(hit, "complaint", decision.guard)
            return True
        self._sign(decision.rule, decision.level, decision.score, hit)
        return decision.level is Level.POTENTIAL

    def _read_threat(self, hit: Hit, use: Use) -> None:
        group = use.group or ThreatGroup.LEGAL
        rule = self.rules.threats[group]
        word = self.rules.phrases[hit[0]]
        why = why_not(
            rule,
            self.verdict,
            partial(self._in_front, hit[1]),
            has_verb=not rule.needs_verb or has_verb(self.text, self.clause, hit[1], hit[2], self.rules.pack.verbs),
            has_link=not rule.needs_link or self.verdict.matches("link") or self.whole.matches("link"),
            is_civic_channel=self._is_civic_channel(word),
        )
        if not why:
            self._sign(f"{use.rule}:{word}", use.level, use.score, hit)
            if group not in self.reading.threats:
                self.reading.threats.append(group)
            return
        self._drop(hit, use.rule, why)
        if why in _SPEAKING:
            self._spoke(why)
        if why in _WEAKENED:
            if why == "threat_inquiry":
                self.reading.tag("inquiry")
            level, score = _WEAKENED[why]
            self._sign(f"guard.{why}" if why != "threat_inquiry" else "guard.inquiry", level, score, hit)

    def _read_cue(self, hit: Hit, use: Use, *, is_quiet: bool, is_hypothetical: bool) -> None:
        why = ""
        if is_hypothetical:
            why = "hypothetical"
        elif is_quiet and use.level is Level.EXPLICIT and hit[1] <= self.denied_until:
            why = "negated complaint"
        elif self._is_negated(hit) if use.level is Level.POTENTIAL else self._is_not_needed(hit):
            why = "negated"
        if why:
            self._drop(hit, use.rule, why)
        else:
            self._sign(use.rule, use.level, use.score, hit)

    def _read_pattern(self, use: Use, *, is_quiet: bool, is_hypothetical: bool) -> None:
        rule = f"pattern.{use.rule}"
        if not self.verdict.says(rule):
            return
        if use.rule in self.rules.civic_only and not speaks_to_authority(self.whole):
            return
        start, end = self.verdict.span(rule)
        start, end = self.clause.start + start, self.clause.start + end
        name = f"threat.{use.group}:{use.rule}" if use.group else f"level.{use.level}:{use.rule}"
        why = ""
        if is_hypothetical and not use.group:  # 如果不解决我就跳下去 threatens, as it does in a single word
            why = "hypothetical"
        elif is_quiet and use.level is Level.EXPLICIT and start <= self.denied_until:
            why = "negated complaint"
        elif use.group:
            why = harmless(self.verdict, use.group, partial(self._in_front, start))
            if not why and self._is_civic_channel(use.rule):
                why = ORDINARY_CHANNEL
        if why:
            self.reading.dropped.append(Dropped(name, self.text[start:end], start, end, why))
            return
        self.reading.signs.append(RawSign(name, use.level, use.score, start, end, self.text[start:end]))
        if use.group and use.group not in self.reading.threats:
            self.reading.threats.append(use.group)

    def _in_front(self, start: int) -> Verdict:
        first = max(self.clause.start, start - _IN_FRONT_CHARS)
        return self.rules.expressions.read(self.text[first:start])

    def _is_civic_channel(self, name: str) -> bool:
        """Whether a word or pattern is the ordinary channel of an authority, and the text speaks to one."""
        return name in self.rules.civic_channels and speaks_to_authority(self.whole)

    def _is_negated(self, hit: Hit) -> bool:
        start = hit[1]
        low = max(self.clause.start, start - self.rules.longest_negation)
        if start == low or self.rules.phrases[hit[0]][0] in "不没无":
            return False
        if self.clause.text.endswith(("吗", "才怪", "是什么", "么")):  # 能不失望吗, 不是垃圾是什么
            return False
        return any(self.text[at:start] in self.rules.cue_negations for at in range(low, start))

    def _is_not_needed(self, hit: Hit) -> bool:
        """不用叫主管: what is plainly not asked for."""
        return self.text.endswith(_NOT_NEEDED, self.clause.start, hit[1])

    def _spoke(self, guard: str) -> None:
        spoke = GuardSpoke(guard, self.clause.start, self.clause.end)
        if spoke not in self.reading.guards[-4:]:  # of this clause
            self.reading.guards.append(spoke)

    def _sign(self, rule: str, level: Level, score: int, hit: Hit) -> None:
        phrase, start, end = hit
        self.reading.signs.append(RawSign(rule, level, score, start, end, self.rules.phrases[phrase]))

    def _drop(self, hit: Hit, rule: str, why: str) -> None:
        phrase, start, end = hit
        self.reading.dropped.append(Dropped(rule, self.rules.phrases[phrase], start, end, why))


def _collect(reading: Reading, rules: Snapshot, found: list[Hit], *, text: str, clause: Clause) -> None:
    """Reasons, customer types and tags: they never make a level."""
    for phrase, start, end in found:
        if not rules.kinds[phrase] & TOLD:
            continue
        for use in rules.uses[phrase]:
            if use.kind is Kind.REASON:
                if use.rule not in reading.reasons:
                    reading.reasons.append(use.rule)
                reading.reason_words.append(rules.phrases[phrase])
            elif use.rule == _SOLVED and (why := unsettled(text, clause, start=start, end=end)):
                reading.dropped.append(Dropped(f"tag.{_SOLVED}", rules.phrases[phrase], start, end, why))
            elif use.kind is Kind.TAG or use.kind is Kind.CUSTOMER_TYPE:
                reading.tag(use.rule)


def _read_mentions(reading: Reading, rules: Snapshot, text: str, named: list[Mention]) -> None:
    """On social posts the mention of a regulator or of the press is an escalation."""
    for mention in named:
        if rules.names_addressed.search(mention.text) is None:
            continue
        if text[: mention.start].rstrip().endswith(_SHARED_FROM):
            reading.dropped.append(Dropped("mention", mention.text, mention.start, mention.end, "the source of a post"))
            continue
        for rule in rules.addressed:
            name = next((name for name in rule.mentions if name in mention.text), None)
            if name is not None:
                sign = RawSign(
                    f"threat.{rule.group}:@{name}",
                    Level.HIGH_RISK,
                    rule.score - 2,
                    mention.start,
                    mention.end,
                    mention.text,
                )
                reading.signs.append(sign)
                if rule.group not in reading.threats:
                    reading.threats.append(rule.group)
                break
