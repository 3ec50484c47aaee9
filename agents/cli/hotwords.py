"""`tocsin words`: what is hot now, how often a term was said, and which new terms may belong into the rules."""

import asyncio
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from agents.cli.exits import Exit
from agents.cli.show import console, print_json
from agents.recording.follow import Seen, follow
from agents.settings import Settings, load_settings
from pipeline.hotwords.propose import Proposal, proposals
from pipeline.hotwords.state import ALL
from pipeline.places.provinces import REGIONS
from pipeline.rules.load import DEFAULT_PACK, load_pack
from pipeline.rules.snapshot import Snapshot
from pipeline.text.redact import redact
from pipeline.times import in_china
from schemas.hotwords import HotTerm, HotWords, HourOfWords
from schemas.topics import HOT_WORDS

_decode = msgspec.json.Decoder(HotWords | HourOfWords).decode

_Place = Annotated[str, typer.Option(help="A province code such as 440000, unknown, or all.")]
_Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


def top_command(place: _Place = ALL, json: _Json = False) -> None:
    """Show the last hour of a place: hot words first, then what is said most."""
    snapshots = [each for each in _read(load_settings(), _known(place)) if isinstance(each, HotWords)]
    if not snapshots:
        _say_nothing(place)
    words = max(snapshots, key=lambda each: each.window_end)
    if json:
        print_json(msgspec.to_builtins(words))
        return
    out = console()
    learning = "，基线学习中 learning" if words.is_learning else ""
    heading = f"{place} 截至 until {_clock(words.window_end)}：{words.conversations} 个会话 conversations{learning}"
    table = Table(title=heading, title_justify="left")
    for name in ("热词 term", "会话 said", "客户 customers", "通常 usual", "倍数 ×", ""):
        table.add_column(name)
    for term in words.terms:
        table.add_row(
            escape(term.term),
            str(term.count),
            _customers(term),
            _number(term.expected),
            _number(term.ratio),
            _mark(term),
        )
    out.print(table)
    for theme in words.themes:
        out.print(f"主题 theme {theme.name}：{'、'.join(theme.terms)}", markup=False)


def history_command(
    term: Annotated[str, typer.Argument(help="The term, as it is shown.")], place: _Place = ALL, json: _Json = False
) -> None:
    """Show in which hours a term was said, and how often; hours with fewer than five conversations do not list it."""
    hours = [each for each in _read(load_settings(), _known(place)) if isinstance(each, HourOfWords)]
    if not hours:
        _say_nothing(place)
    newest = {each.hour_start: each for each in hours}
    lines = [(start, hour.counts.get(term, 0), hour.conversations) for start, hour in sorted(newest.items())]
    if json:
        print_json([{"hour_start": start, "count": count, "conversations": every} for start, count, every in lines])
        return
    highest = max(count for _, count, _ in lines) or 1
    for start, count, every in lines:
        typer.echo(f"{_clock(start)}  {count:>5} / {every:<5} {'█' * round(40 * count / highest)}")


def propose_command(
    rules: Annotated[Path, typer.Option(help="Folder of the rule pack that they would join.")] = DEFAULT_PACK,
    json: _Json = False,
) -> None:
    """Print new terms as entries for a rule pack, with counts and masked examples; a person decides what they are."""
    snapshots = [each for each in _read(load_settings(), None) if isinstance(each, HotWords)]
    found = proposals(snapshots, frozenset(Snapshot(load_pack(rules)).phrases))
    if json:
        print_json([msgspec.to_builtins(each) for each in found])
        return
    typer.echo(f"# {len(found)} 个新词 new term(s). 放进 reasons、levels 或 threats，再跑 then run: tocsin rules lint")
    if found:
        typer.echo("words:")
    for proposal in found:
        _propose(proposal)


def _propose(proposal: Proposal) -> None:
    term = proposal.term
    ratio = f" ×{term.ratio}" if term.ratio is not None else ""
    where = "、".join(term.regions) or proposal.place
    typer.echo(f"  # {_clock(proposal.seen_at)} {term.count} 个会话 {_customers(term)} 位客户{ratio} {where}")
    for example in term.examples:
        typer.echo(f"  #   {' '.join(redact(example.text_masked).text.split())}")
    typer.echo(f"  - {term.term}")


def _read(settings: Settings, place: str | None) -> list[HotWords | HourOfWords]:
    values = (_decode(seen.value) for seen in asyncio.run(_records(settings)))
    return [value for value in values if place is None or value.place == place]


async def _records(settings: Settings) -> list[Seen]:
    async with follow(settings, (HOT_WORDS,), from_start=True) as follower:
        return await follower.until_now()


def _known(place: str) -> str:
    if place != ALL and place not in REGIONS:
        raise typer.BadParameter("expected a province code such as 440000, unknown, or all", param_hint="--place")
    return place


def _say_nothing(place: str) -> NoReturn:
    typer.echo(f"{place}：还没有热词 · nothing on {HOT_WORDS.name} yet", err=True)
    raise typer.Exit(Exit.PROBLEMS)


def _mark(term: HotTerm) -> str:
    return " ".join((("热 hot",) if term.is_hot else ()) + (("新 new",) if term.is_new else ()))


def _customers(term: HotTerm) -> str:
    return f"{term.customers}{'+' if term.customers == 16 else ''}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _clock(at_ms: int) -> str:
    return in_china(at_ms).strftime("%m-%d %H:%M")
