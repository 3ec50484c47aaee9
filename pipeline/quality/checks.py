"""The checks of a rule pack, put together for one kind of channel each: what begins a wait, and how long it lasts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from ahocorasick_rs import AhoCorasick, Implementation

from pipeline.quality.sample import Sample
from pipeline.rules.model import RulePack
from pipeline.rules.service import Anchor, ForbiddenGroup, ServiceCheck
from pipeline.text.script import in_both_scripts
from pipeline.watches.model import Rule
from pipeline.watches.nature import RULE
from schemas.quality import Severity
from schemas.vocabulary import ChannelClass

NEVER_MS = 2**62
APOLOGY = "apology"  # of this one the conversation itself remembers the times


def _nothing_found(_text: str) -> list[tuple[int, int, int]]:
    return []


@dataclass(frozen=True, slots=True)
class Program:
    """The checks of one channel class. The numbers are what the hot path asks: they spare it the checks."""

    checks: tuple[ServiceCheck, ...] = ()
    start_within_ms: int = NEVER_MS  # the shortest window of a check that is told at once
    complaint_within_ms: int = NEVER_MS
    first_question_within_ms: int = NEVER_MS
    question_within_ms: int = NEVER_MS
    silence: ServiceCheck | None = None
    overlap: ServiceCheck | None = None
    # One small automaton over the words of the checks, asked only for agents' texts: in the large one, which is asked
    # for every text, 您好 and 再见 would have every second text read.
    find: Callable[[str], list[tuple[int, int, int]]] = _nothing_found
    found: tuple[ServiceCheck, ...] = ()  # the check of each word
    by_tag: frozenset[str] = frozenset()  # checks whose words the pack lists under `agent_tags`
    start_longest_ms: int = -1

    @classmethod
    def of(cls, checks: Iterable[ServiceCheck]) -> "Program":
        """The program of some checks."""
        checks = tuple(checks)
        words = [(word, check) for check in checks for word in in_both_scripts(check.words)]
        return cls(
            checks,
            _shortest(checks, Anchor.START),
            _shortest(checks, Anchor.COMPLAINT),
            _shortest(checks, Anchor.FIRST_QUESTION),
            _shortest(checks, Anchor.QUESTION),
            _first(checks, Anchor.SILENCE),
            _first(checks, Anchor.OVERLAP),
            _finder([word for word, _ in words]),
            tuple(check for _, check in words),
            frozenset(check.id for check in checks if not check.words and check.id != APOLOGY),
            max((check.within_ms or 0 for check in checks if check.after is Anchor.START), default=-1),
        )


def _finder(words: list[str]) -> Callable[[str], list[tuple[int, int, int]]]:
    if not words:
        return _nothing_found
    found = AhoCorasick(words, implementation=Implementation.ContiguousNFA).find_matches_as_indexes
    return partial(found, overlapping=True)  # 感谢您的来电 greets and closes


def is_told_at_once(check: ServiceCheck) -> bool:
    """Minor misses wait for the summary: nobody would act on them while the customer is on the line."""
    return check.severity is not Severity.MINOR


def _shortest(checks: Iterable[ServiceCheck], anchor: Anchor) -> int:
    windows = [each.within_ms for each in checks if each.after is anchor and is_told_at_once(each)]
    return min((window for window in windows if window is not None), default=NEVER_MS)


def _first(checks: Iterable[ServiceCheck], anchor: Anchor) -> ServiceCheck | None:
    return next((check for check in checks if check.after is anchor), None)


_NOTHING = Program()


@dataclass(frozen=True, slots=True, eq=False)
class ServiceBook:
    """What service quality looks up: programs by channel class, forbidden groups, and who is looked at twice."""

    voice: Program = _NOTHING  # the two that matter for speed; looking a member up by its enum costs more
    chat: Program = _NOTHING
    others: Mapping[ChannelClass, Program] = field(default_factory=dict)
    checks: tuple[ServiceCheck, ...] = ()
    forbidden: Mapping[str, ForbiddenGroup] = field(default_factory=dict)
    sample: Sample = field(default_factory=Sample)
    ruled: Mapping[str, Rule] = field(default_factory=dict)  # rules of the pack that are checks, by name of their sign
    judges_silence: bool = True  # not in a replay: ticks are of today, and the silence is of long ago

    @classmethod
    def of(cls, pack: RulePack, sample: Sample, *, judges_silence: bool = True) -> "ServiceBook":
        """The book of a pack."""
        programs = {
            channel: Program.of(check for check in pack.service_checks if channel in check.channels)
            for channel in ChannelClass
        }
        return cls(
            programs[ChannelClass.VOICE],
            programs[ChannelClass.CHAT],
            programs,
            pack.service_checks,
            {group.id: group for group in pack.forbidden},
            sample,
            {RULE + rule.id: rule for rule in pack.rules if rule.then.check},
            judges_silence,
        )

    def program(self, channel: ChannelClass) -> Program:
        """What is checked on any other channel."""
        return self.others.get(channel, _NOTHING)
