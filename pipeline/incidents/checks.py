"""What in an on-call file does not fit together: names that mean nothing, people nobody can reach, empty chains."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import yaml

from pipeline.incidents.case import LATELY_MAX
from pipeline.incidents.roster import DAY
from pipeline.incidents.sections import CALLBACK_KINDS
from pipeline.places.provinces import REGIONS
from pipeline.rules.problems import Problem

LINKS_LAST_MAX = timedelta(hours=24)
KEYS_MAX = 2  # the key in use and, while it is exchanged, the one before
_HOST = re.compile(r"https?://([^/:]+)")
# Robots write to one group and mention a person; these kinds write to a person and need an address.
NO_GROUP_KINDS = frozenset({"dingtalk_notice", "dingtalk_card", "wecom_app", "feishu_app", "email"})


def lines_of(node: yaml.Node, path: str = "") -> dict[str, int]:
    """The line of every place in a document: `chains.high.steps[0].tell[1]`."""
    lines = {path: node.start_mark.line + 1}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            lines |= {**lines_of(value, inner), inner: key.start_mark.line + 1}
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            lines |= lines_of(child, f"{path}[{index}]")
    return lines


def mismatches(file: str, values: Mapping[str, Any], lines: Mapping[str, int]) -> list[Problem]:
    """Every reference that leads nowhere."""
    return [Problem(file, lines.get(path, 0), path, what) for path, what in _all(values, lines)]


def _all(values: Mapping[str, Any], lines: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for person, spec in values.get("people", {}).items():
        yield from _person(f"people.{person}.contacts", spec["contacts"], values["channels"])
    for name, roster in values.get("rosters", {}).items():
        has_shifts = f"rosters.{name}.shifts" in lines
        yield from _roster(f"rosters.{name}", roster, values.get("people", {}), has_shifts=has_shifts)
    for name, members in values.get("teams", {}).items():
        if not members:
            yield f"teams.{name}", "is empty; write at least one person"
        for at, member in enumerate(members):
            yield from _known(f"teams.{name}[{at}]", member, values.get("people", {}), "person")
    for name, chain in values["chains"].items():
        yield from _chain(f"chains.{name}", chain, values)
    yield from _routes(values)
    yield from _answers(values)
    for queue, person in values.get("leads", {}).items():
        yield from _known(f"leads.{queue}", person, values.get("people", {}), "person")
    for name in ("fallback_channel", "drill_channel"):
        if name in values:
            yield from _known(name, values[name], values["channels"], "channel")
            yield from _group(name, values[name], values["channels"])


def _answers(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    answers = values.get("answers")
    if answers is None:
        return
    host = _HOST.match(answers["url"])
    is_private = host is not None and host[1] in values.get("allow_private_hosts", ())
    if not answers["url"].startswith("https://") and not is_private:
        yield "answers.url", "must begin with https://, or its host stand in allow_private_hosts"
    if len(answers["keys"]) > KEYS_MAX:
        yield "answers.keys", "holds the key in use and the one before, no more"
    if answers.get("links_last", timedelta(hours=1)) > LINKS_LAST_MAX:
        yield "answers.links_last", "is too long; a link is good for 24h at most"
    for name, secrets in answers.get("callbacks", {}).items():
        path = f"answers.callbacks.{name}"
        yield from _known(path, name, values["channels"], "channel")
        kind = values["channels"].get(name, {}).get("kind", "")
        wanted = CALLBACK_KINDS.get(kind)
        if wanted is None:
            if name in values["channels"]:
                yield path, f"is of kind {kind}, which does not call back"
        elif set(secrets) != set(wanted):
            yield path, f"of kind {kind} needs {' and '.join(wanted)}, and nothing else"


def _person(path: str, contacts: Mapping[str, str], channels: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not contacts:
        yield path, "is empty; write at least one channel and an address"
    for channel in contacts:
        yield from _known(f"{path}.{channel}", channel, channels, "channel")


def _routes(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for index, route in enumerate(values["routes"]):
        if route["chain"] != "none":
            yield from _known(f"routes[{index}].chain", route["chain"], values["chains"], "chain")
        for at, region in enumerate(route.get("regions", ())):
            yield from _known(f"routes[{index}].regions[{at}]", region, REGIONS, "region")


def _roster(
    path: str, roster: Mapping[str, Any], people: Mapping[str, Any], *, has_shifts: bool
) -> Iterator[tuple[str, str]]:
    for number, shift in enumerate(roster["shifts"]):
        # The one shift of a roster without `shifts` is written at the roster itself.
        yield from _shift(f"{path}.shifts[{number}]" if has_shifts else path, shift, people)
    if not roster["shifts"]:
        yield f"{path}.shifts", "is empty; write at least one shift"
    for at, override in enumerate(roster.get("overrides", ())):
        if override["to"] <= override["from"]:
            yield f"{path}.overrides[{at}]", "ends before it begins"
        for number, person in enumerate(override.get("people", ())):
            yield from _known(f"{path}.overrides[{at}].people[{number}]", person, people, "person")
    for at, swap in enumerate(roster.get("swaps", ())):
        for number, person in enumerate(swap["between"]):
            yield from _known(f"{path}.swaps[{at}].between[{number}]", person, people, "person")
    for at, off in enumerate(roster.get("days_off", ())):
        yield from _known(f"{path}.days_off[{at}].person", off["person"], people, "person")
        if off["last"] < off["first"]:
            yield f"{path}.days_off[{at}]", "ends before it begins"


def _shift(path: str, shift: Mapping[str, Any], people: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for at, member in enumerate(shift["members"]):
        yield from _known(f"{path}.members[{at}]", member, people, "person")
    for at, member in enumerate(shift.get("holiday", {}).get("members", ())):
        yield from _known(f"{path}.holiday.members[{at}]", member, people, "person")
    if "lasts" in shift and not timedelta(0) < shift["lasts"] <= DAY:
        yield f"{path}.lasts", "is no part of a day; write 1m to 24h"
    if "only" in shift and "holiday" in shift:
        yield f"{path}.only", "stands beside holiday; write one of the two"


def _chain(path: str, chain: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not chain["steps"]:
        yield f"{path}.steps", "is empty; write at least one step, or the route as chain: none"
    known = {"person": values.get("people", {}), "roster": values.get("rosters", {}), "channel": values["channels"]}
    known |= dict.fromkeys(("team", "turn"), values.get("teams", {}))
    for at, step in enumerate(chain["steps"]):
        if "of_last" in step and not 0 < step.get("from_count", 0) <= LATELY_MAX:
            yield f"{path}.steps[{at}].of_last", f"needs a from_count of 1 to {LATELY_MAX} beside it"
        for number, target in enumerate(step["tell"]):
            place = f"{path}.steps[{at}].tell[{number}]"
            if target.kind == "lead":
                if not values.get("leads"):
                    yield place, "is lead, but no leads are written; write leads: with a person for each queue"
                continue
            yield from _known(place, target.name, known[target.kind], target.kind)
            if target.kind == "channel":
                yield from _group(place, target.name, values["channels"])


def _known(path: str, name: str, known: Iterable[str], what: str) -> Iterator[tuple[str, str]]:
    names = list(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(names)[:8]) or 'none'}"
        yield path, f"names the {what} {name}, which does not exist{hint}"


def _group(path: str, name: str, channels: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if name in channels and channels[name]["kind"] in NO_GROUP_KINDS:
        yield path, f"is of the kind {channels[name]['kind']}, which writes to persons; name a channel with a group"
