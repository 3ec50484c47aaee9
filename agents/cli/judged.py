"""Lines of `tocsin tag`: what a line may hold, and what is answered."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from msgspec.structs import replace

from pipeline.conversation.course import is_read, whole
from pipeline.conversation.lookups import Lookups, lookups_of_pack
from pipeline.conversation.turns import levels_of_turns
from pipeline.ellipsis import spelled_out
from pipeline.findings import QUOTE_CHARS, Finding
from pipeline.tagging import Tagger
from pipeline.text.redact import redact
from schemas.evidence import Evidence
from schemas.vocabulary import Level, Role

_ROLES = {role.value: role for role in Role}
_IDS = range(-(2**63), 2**64)  # what JSON of ours can say; Python reads any number, and orjson writes these


class Item(NamedTuple):
    """A line that could be read: one text, or the turns of a dialogue."""

    id: Any
    texts: list[str]
    roles: list[Role]
    is_dialogue: bool
    meant: str | None = None  # the sentence that a short answer stands for, after what was said before


class BadLine(NamedTuple):
    """A line that could not: where in it, and what was expected; never what stands there."""

    id: Any
    path: str
    expected: str


class Judge:
    """Reads lines, tags all their texts in one batch, answers in order."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger
        self._lookups = lookups_of_pack(tagger.pack)

    def answers(self, lines: Sequence[bytes]) -> list[dict[str, Any] | None]:
        """One answer for each line; None for an empty line."""
        items = [read_line(line) if line.strip() else None for line in lines]
        texts: list[str] = []
        roles: list[Role] = []
        for item in items:
            if isinstance(item, Item):
                texts += item.texts
                roles += item.roles
        tagged = self._tagger.tag(texts, roles)
        findings = [finding if is_read(role) else None for finding, role in zip(tagged, roles, strict=True)]
        meant = [item.meant for item in items if isinstance(item, Item) and item.meant]
        spelled = iter(self._tagger.tag(meant, [Role.CUSTOMER] * len(meant)))
        done = 0
        answers: list[dict[str, Any] | None] = []
        for item in items:
            if isinstance(item, Item):
                end = done + len(item.texts)
                found = findings[done:end]
                if item.meant:
                    found = [_with_meant(found[0], next(spelled), item)]
                answers.append(_answer(item, found, self._lookups))
                done = end
            elif item is None:
                answers.append(None)
            else:
                answers.append({"id": item.id, "error": {"path": item.path, "expected": item.expected}})
        return answers


def read_line(
    line: bytes,
) -> Item | BadLine:
    """What a line asks for."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(line.decode("utf-8-sig"))  # takes half characters (\\ud800), which occur in real logs
        except (ValueError, RecursionError):
            return BadLine(None, "$", "one JSON object in UTF-8")
    if not isinstance(value, dict):
        return BadLine(None, "$", "a JSON object with id and text, or id and turns")
    name = value.get("id")
    if isinstance(name, str):
        name = name.encode("utf-8", "replace").decode()
    if not isinstance(name, str | int) or isinstance(name, bool) or (isinstance(name, int) and name not in _IDS):
        return BadLine(None, "$.id", "a text or a whole number of 64 bits")
    if value.get("turns") is not None:
        return _read_turns(name, value["turns"])
    problem = _problem(value, "$")
    if problem:
        return BadLine(name, *problem)
    context = value.get("context")
    if context is not None and not isinstance(context, str):
        return BadLine(name, "$.context", "a text")
    role = _ROLES[value.get("role") or "customer"]
    meant = spelled_out(value["text"], context) if context and role is Role.CUSTOMER else None
    return Item(name, [value["text"]], [role], is_dialogue=False, meant=meant)


def _read_turns(name: str | int, turns: Any) -> Item | BadLine:
    if not isinstance(turns, list):
        return BadLine(name, "$.turns", "a list of objects with role and text")
    for place, turn in enumerate(turns):
        path = f"$.turns[{place}]"
        problem = _problem(turn, path) if isinstance(turn, dict) else (path, "an object with role and text")
        if problem:
            return BadLine(name, *problem)
    return Item(
        name,
        [turn["text"] for turn in turns],
        [_ROLES[turn.get("role") or "customer"] for turn in turns],
        is_dialogue=True,
    )


def _problem(value: dict[str, Any], path: str) -> tuple[str, str] | None:
    if not isinstance(value.get("text"), str):
        return f"{path}.text", "a text"
    role = value.get("role")
    if role is not None and (not isinstance(role, str) or role not in _ROLES):
        return f"{path}.role", "one of " + ", ".join(_ROLES)
    return None


def _answer(item: Item, findings: list[Finding | None], lookups: Lookups) -> dict[str, Any]:
    if not item.is_dialogue:
        finding, role = findings[0], item.roles[0]
        answer = _body(item.id, finding.level if finding else Level.NONE, finding.score if finding else 0)
        if finding is not None:
            answer["reasons"] = finding.reasons
            answer["keywords"] = finding.keywords if role is Role.CUSTOMER else ()
            answer["evidence"] = _evidence(finding)
        return answer
    levels = levels_of_turns(findings, item.roles, [whole(text) for text in item.texts], lookups=lookups)
    answer = _body(item.id, levels.level, levels.score)
    answer["reasons"] = levels.reasons
    said = [(turn, finding) for turn, finding in enumerate(findings) if finding and item.roles[turn] is Role.CUSTOMER]
    answer["keywords"] = tuple(dict.fromkeys(word for _, finding in said for word in finding.keywords))
    answer["evidence"] = [{**sign, "turn": turn} for turn, finding in said for sign in _evidence(finding)]
    answer["evidence"] += [_fired(turn, evidence) for turn, evidence in levels.fired]
    answer["turns"] = [level for level, _ in levels.after]
    return answer


def _fired(turn: int, evidence: Evidence) -> dict[str, Any]:
    """A rule that looks beyond one text, where it was completed."""
    text = evidence.text_masked[evidence.mark_start : evidence.mark_end]
    return {"rule": evidence.rule, "start": evidence.char_start, "end": evidence.char_end, "text": text, "turn": turn}


def outranks(meant: Finding | None, said: Finding | None) -> bool:
    """Whether a text is judged as what it stands for: where that is worse than what it says itself."""
    return meant is not None and meant.level.rank > (said.level if said else Level.NONE).rank


def _with_meant(said: Finding | None, meant: Finding | None, item: Item) -> Finding | None:
    """The higher of what a text says and what it stands for; signs of the latter are the whole text's."""
    if meant is None or not outranks(meant, said):
        return said
    text = whole(item.texts[0])  # half a character cannot be written
    quote = redact(text).text[:QUOTE_CHARS]
    signs = tuple(
        replace(sign, start=0, end=len(text), quote=quote, mark_start=0, mark_end=len(quote)) for sign in meant.signs
    )
    return replace(meant, signs=signs, keywords=said.keywords if said else ())


def _body(name: str | int, level: Level, score: int) -> dict[str, Any]:
    return {"id": name, "level": level, "score": score, "reasons": (), "keywords": (), "evidence": ()}


def _evidence(finding: Finding) -> list[dict[str, Any]]:
    return [
        {"rule": sign.rule, "start": sign.start, "end": sign.end, "text": sign.quote[sign.mark_start : sign.mark_end]}
        for sign in finding.signs
    ]
