"""`tocsin topics`: the broker's topics against the table in `schemas/topics.py`."""

import asyncio
from typing import Annotated

import typer

from agents.cli.exits import Exit
from agents.cli.show import console, print_json
from agents.settings import Settings, load_settings
from agents.topics import Plan, TopicsError, admin_client, compare, ensure_topics, fitted, wanted_topics

Json = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]


def plan_command(json: Json = False) -> None:
    """Say what is missing or different; change nothing. Exit code 1 when there is anything."""
    plan = asyncio.run(_plan(asyncio.run(_fitted(load_settings()))))
    _tell(plan, as_json=json)


def apply_command(json: Json = False) -> None:
    """Create what is missing. What differs is reported, never changed; nothing is ever deleted."""
    _tell(asyncio.run(_applied(load_settings())), as_json=json)


async def _applied(settings: Settings) -> Plan:
    return await ensure_topics(await _fitted(settings))


async def _fitted(settings: Settings) -> Settings:
    """With the partition count of the topics that are there; where they do not fit, the plan itself says so."""
    try:
        return await fitted(settings)
    except TopicsError:
        return settings


async def _plan(settings: Settings) -> Plan:
    async with admin_client(settings) as admin:
        return await compare(admin, wanted_topics(settings))


def _tell(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "topics": len(plan.wanted),
                "created": plan.created,
                "missing": [topic.name for topic in plan.missing],
                "different": [
                    {"topic": each.topic, "what": each.what, "wanted": each.wanted, "found": each.found}
                    for each in plan.differences
                ],
            }
        )
    else:
        out = console()
        for topic in plan.missing:
            out.print(f"[yellow]+[/] {topic.name} ({topic.partitions} partitions)", markup=True)
        for difference in plan.differences:
            out.print(f"[red]≠[/] {difference}")
        wanted, missing, different = len(plan.wanted), len(plan.missing), len(plan.differences)
        out.print(
            f"共 {wanted} 个主题：新建 {plan.created}，缺少 {missing}，不一致 {different} · "
            f"{wanted} topics, {plan.created} created, {missing} missing, {different} different"
        )
    if plan.missing or plan.differences:
        raise typer.Exit(Exit.PROBLEMS)
