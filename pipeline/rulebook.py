"""The rule packs that a stage goes by: its own, until another one comes through the log.

A push is a record of `rules.packs` on every partition. Each partition takes it between two batches, at a place of its
own log, and keeps the pack among its rows; so a replay, and the next owner, judge each text by the same pack.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from pipeline.rules.load import parse_pack
from pipeline.rules.model import RulePack
from pipeline.rules.parcel import unpack_files
from pipeline.rules.problems import Problem, RulePackError
from pipeline.stage import Batch, Control, Effects, Output, Rows
from schemas.base import MAX_LIST_ITEMS, MAX_TEXT_CHARS
from schemas.rules import RefusedRules, RulesPack, RulesState, ShadowCount, Slot
from schemas.topics import RULES_PACKS, RULES_STATES

# No sender's id: row keys begin with a kind of conversation.
LIVE_KEY = b"rules:live"
SHADOW_KEY = b"rules:shadow"
STATE_KEY = b"rules:state"
_KEY_OF_SLOT = {Slot.LIVE: LIVE_KEY, Slot.SHADOW: SHADOW_KEY}
_ROWS: Mapping[bytes, type[Any]] = {LIVE_KEY: RulesPack, SHADOW_KEY: RulesPack, STATE_KEY: RulesState}
_MAX_COMPILED = 6  # live, shadow and the next of each, while partitions are on their way from one to the other

RulesetT = TypeVar("RulesetT")


class Rulebook(Generic[RulesetT]):
    """`installed` is the ruleset of the pack with which the worker was started, `build` makes one of another pack."""

    def __init__(self, installed: RulesetT, version: str, build: Callable[[RulePack], RulesetT]) -> None:
        self._installed = installed
        self._version = version
        self._build = build
        # By version and content, in order of arrival. Remembered because it is dear, and the same if it were not.
        self._compiled: OrderedDict[tuple[str, bytes], RulesetT | RulePackError] = OrderedDict()

    @property
    def control(self) -> Control:
        """How a stage that goes by this book is told of other packs."""
        return Control(RULES_PACKS, _ROWS, self.prepare, self.state)

    # -- what is in force ----------------------------------------------------------------------------------------

    def live(self, rows: Rows[Any]) -> RulesetT:
        """What texts are judged by."""
        pack: RulesPack | None = rows.get(LIVE_KEY)
        return self._installed if pack is None else self._usable(pack) or self._installed

    def shadow(self, rows: Rows[Any]) -> RulesetT | None:
        """What reads the same texts and is only counted, if anything does."""
        pack: RulesPack | None = rows.get(SHADOW_KEY)
        return None if pack is None else self._usable(pack)

    def state(self, rows: Rows[Any], partition: int) -> RulesState:
        """Which packs a partition goes by."""
        told: RulesState | None = rows.get(STATE_KEY)
        if told is None:
            return RulesState(partition=partition, live=self._version, at=0)
        pack: RulesPack | None = rows.get(LIVE_KEY)
        if pack is None:  # the worker's own pack may be another one than when this was told
            return told if told.live == self._version else replace(told, live=self._version)
        problems = self._problems(pack)
        if problems:  # it was taken by a Tocsin that knew other rules
            refused = RefusedRules(slot=Slot.LIVE, version=pack.version, problems=problems)
            return replace(told, live=self._version, refused=refused)
        return told

    # -- packs come in -------------------------------------------------------------------------------------------

    def prepare(self, packs: Sequence[Any]) -> None:
        """Compile packs ahead of the turn that takes them."""
        for pack in packs:
            if isinstance(pack, RulesPack) and pack.content:
                self._compiled_of(pack)

    def take(self, batch: Batch, rows: Rows[Any]) -> Effects[Any]:
        """Swap packs: each push either takes effect with the next batch or is refused, and the state says which."""
        effects: Effects[Any] = Effects()
        state = self.state(rows, batch.partition)
        for pack in batch.events:
            key = _KEY_OF_SLOT.get(pack.slot)
            if key is None:
                continue
            others = state.refused if state.refused is not None and state.refused.slot is not pack.slot else None
            state = replace(state, at=pack.at, pushed_at=pack.at, pushed_by=pack.pushed_by, refused=others)
            problems = self._problems(pack)
            if problems:
                refused = RefusedRules(slot=pack.slot, version=pack.version, problems=problems)
                state = replace(state, refused=refused)
            else:
                effects.changes[key] = pack if pack.content else None
                state = self._filled(state, pack)
            tell(effects, state)
        return effects

    def _filled(self, state: RulesState, pack: RulesPack) -> RulesState:
        if pack.slot is Slot.LIVE:
            return replace(state, live=pack.version if pack.content else self._version)
        if pack.content:
            return replace(state, shadow=pack.version, counted=ShadowCount())
        return replace(state, shadow="", counted=None)

    # -- compiled once a process ---------------------------------------------------------------------------------

    def _usable(self, pack: RulesPack) -> RulesetT | None:
        found = self._compiled_of(pack)
        return None if isinstance(found, RulePackError) else found

    def _problems(self, pack: RulesPack) -> tuple[str, ...]:
        """Why a pack cannot be used; nothing where it can, or where it says to go back to the worker's own."""
        found = self._compiled_of(pack) if pack.content else None
        if not isinstance(found, RulePackError):
            return ()
        return tuple(str(problem)[:MAX_TEXT_CHARS] for problem in found.problems[:MAX_LIST_ITEMS])

    def _compiled_of(self, pack: RulesPack) -> RulesetT | RulePackError:
        key = pack.version, pack.content  # a record that names another version is refused, and the right one is not
        known = self._compiled.get(key)
        if known is None:
            known = self._compiled[key] = self._compile(pack)
            while len(self._compiled) > _MAX_COMPILED:
                self._compiled.popitem(last=False)
        return known

    def _compile(self, pack: RulesPack) -> RulesetT | RulePackError:
        try:
            rules = parse_pack(unpack_files(pack.content))
            if rules.version != pack.version:
                return _refusal(f"has the version {rules.version}, not {pack.version} as its record says")
            return self._build(rules)
        except RulePackError as error:
            return error
        except Exception as error:  # noqa: BLE001  (whatever a pack breaks, the one in force is not hurt)
            return _refusal(f"does not compile ({type(error).__name__}); check it with the workers' own version")


def tell(effects: Effects[Any], state: RulesState) -> None:
    """Keep a partition's state and publish it."""
    effects.changes[STATE_KEY] = state
    effects.outputs.append(Output(RULES_STATES, str(state.partition).encode(), state))


def _refusal(what: str) -> RulePackError:
    return RulePackError([Problem("rule pack", 0, "", what)])
