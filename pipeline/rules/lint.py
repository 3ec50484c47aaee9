"""What is suspicious in a pack that loads: words that hit by accident or add nothing, rules that never fire."""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.rules.model import RulePack
from pipeline.rules.ordinary import ORDINARY
from pipeline.rules.places import word_lists
from pipeline.rules.remarks import Remark
from pipeline.rules.unfolded import unfolded_in
from pipeline.rules.variants import variants_in
from pipeline.tagging import Tagger
from pipeline.text.redact import redact
from pipeline.watches.model import END, OF_TEXT, OF_TIME, Operator, Place, Rule
from schemas.vocabulary import Level, Role

_LONGEST_SHOWN = 40
_INITIALS = 2  # letters: ts is 投诉, and much else


def remarks_on(pack: RulePack, *, calm: Sequence[str] = ()) -> list[Remark]:
    """All remarks. `calm` are texts of the user's own in which nobody complains."""
    found = [*_short(pack), *_repeated(pack), *variants_in(pack), *_accidents(pack, [*ORDINARY, *calm])]
    found += unfolded_in(pack)
    for rule in pack.rules:
        found += _about_rule(rule)
    return found + _twins(pack.rules)


def _short(pack: RulePack) -> Iterator[Remark]:
    """One character is a part of hundreds of words; a number or a Latin word has edges, but two letters say little."""
    for each in word_lists(pack):
        for word in each.words if each.counts_alone else ():
            if len(word) == 1 and not (word.isascii() and word.isalnum()):
                yield Remark("short", each.path, word, "has one character and is found inside other words; write more")
            elif len(word) <= _INITIALS and word.isascii() and word.isalpha() and each.level is not Level.NONE:
                yield Remark(
                    "short", each.path, word, "has two letters, which stand for much; move it to weak.negative"
                )


def _repeated(pack: RulePack) -> Iterator[Remark]:
    """The same word under two levels, and words that contain another word of their own list."""
    first: dict[str, str] = {}
    for each in word_lists(pack):
        if not each.counts_alone or each.path.startswith("traps."):
            continue
        if each.level is not Level.NONE:
            for word in each.words:
                if word in first and first[word] != each.path:
                    yield Remark("duplicate", each.path, word, f"stands in {first[word]} too; keep one of them")
                first.setdefault(word, each.path)
        known = set(each.words)
        for word in each.words:
            inner = next((part for part in _inner(word) if part in known), None)
            if inner is not None:
                yield Remark("needless", each.path, word, f"holds {inner} of the same list, which is found anyway")


def _inner(word: str) -> Iterator[str]:
    """The parts of a word that need no edges."""
    for length in range(2, len(word)):
        for at in range(len(word) - length + 1):
            part = word[at : at + length]
            if not part.isascii():
                yield part


def _accidents(pack: RulePack, calm: Sequence[str]) -> Iterator[Remark]:
    """Ordinary strings that the pack takes for a complaint, and through which rule."""
    findings = Tagger(pack).tag(calm, [Role.CUSTOMER] * len(calm))
    for text, finding in zip(calm, findings, strict=True):
        if finding is not None and finding.level is not Level.NONE:
            sign = finding.signs[0]
            word = sign.quote[sign.mark_start : sign.mark_end]
            shown = redact(text).text
            shown = shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"
            what = f"makes an ordinary text {finding.level}: {shown}; write a longer word, a trap or an unless"
            yield Remark("accident", sign.rule, word, what)


def _about_rule(rule: Rule) -> Iterator[Remark]:
    path = f"rules.{rule.id}"
    named = {name for each in rule.conditions for name in (each.what, each.after, each.before, each.scope.anchor)}
    for each in rule.conditions:
        if each.name not in named and each.name not in rule.when.names:
            yield Remark("unused", f"{path}.conditions.{each.name}", each.name, "is asked by nothing; use it in when")
        if each.operator is Operator.AT_LEAST and each.count > len(each.words):
            what = f"asks for {each.count} of {len(each.words)} words, which no text holds"
            yield Remark("unreachable", f"{path}.conditions.{each.name}", "", what)
    rows = range(1 << len(rule.when.names))
    for bit, name in enumerate(rule.when.names):
        if all(rule.when.holds(row) is rule.when.holds(row ^ 1 << bit) for row in rows):
            yield Remark("unused", f"{path}.when", name, f"{name} changes nothing in when")
    hindrances = [_hindrance(rule, row) for row in rows if rule.when.holds(row)]
    if hindrances and all(hindrances):
        yield Remark("unreachable", f"{path}.when", "", hindrances[0])
    if not rule.examples:
        yield Remark("untried", path, "", "has no examples; write one that fires and one that does not")


def _hindrance(rule: Rule, row: int) -> str:
    """Why the conditions of a row cannot be met together; empty where they can."""
    asked = [rule.condition(name) for bit, name in enumerate(rule.when.names) if row >> bit & 1]
    of_turn = [each for each in asked if each.scope.place is Place.TURN and each.operator not in OF_TIME]
    speakers = {Role.CUSTOMER, Role.AGENT}
    for each in of_turn:
        speakers &= set(each.by)
    if not speakers:
        return "asks customer and agent for words in the same turn; write in:"
    for late in asked:
        if late.operator is Operator.NOT_SAID and late.after in {each.name for each in of_turn}:
            return f"asks for {late.after} in the turn in which {late.name} is over; {late.name} alone says both"
        if of_turn and (late.scope.place is Place.LAST or late.is_every or late.before == END):
            now = of_turn[0].name
            return f"asks for {now} in one turn and for {late.name} at the end; write in: conversation beside {now}"
    return ""


def _ordered(rule: Rule) -> tuple[tuple[str, ...], int]:
    """What `when` says, in the order of what its conditions ask: the order in which it names them says nothing."""
    order = sorted(range(len(rule.when.names)), key=lambda bit: rule.key(rule.when.names[bit]))
    table = 0
    for row in range(1 << len(order)):
        written = sum((row >> place & 1) << bit for place, bit in enumerate(order))
        table |= rule.when.holds(written) << row
    return tuple(rule.key(rule.when.names[bit]) for bit in order), table


def _twins(rules: Iterable[Rule]) -> list[Remark]:
    """Rules that ask the same."""
    first: dict[object, str] = {}
    found = []
    for rule in rules:
        keys = tuple(sorted((each.operator in OF_TEXT, each.key) for each in rule.conditions))
        asked = (keys, _ordered(rule), tuple(sorted(rule.only.items())), rule.from_ms, rule.until_ms)
        if asked in first:
            found.append(Remark("duplicate", f"rules.{rule.id}", "", f"asks the same as rules.{first[asked]}"))
        first.setdefault(asked, rule.id)
    return found
