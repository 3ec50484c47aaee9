"""Settings, topics, metrics, commands, exit codes and alerts: what the docs list is what the code has, both ways."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

from agents.answer.metrics import AnswerMetrics
from agents.cli.exits import Exit
from agents.cli.main import COMMANDS, app
from agents.deliver.metrics import DeliveryFamilies, DeskCollector
from agents.engine.crash import ExitCode
from agents.environment import variable_names
from agents.hints.metrics import HintFamilies, StreamCollector
from agents.intake.metrics import IntakeMetrics
from agents.metrics.collector import PartitionCollector, ProbeCollector
from agents.metrics.families import Families
from agents.metrics.regions import RegionCollector
from agents.metrics.rules import RulesCollector
from agents.ops.health import HealthState, Reason
from agents.settings import Settings
from agents.verdicts.metrics import LedgerCollector
from pipeline.conversation.score import BANDS
from pipeline.places.resolve import RegionSource
from pipeline.rules.sections import SECTIONS
from pipeline.verdicts.ledger import Ledger
from schemas import export, topics
from schemas.vocabulary import Category, Level, ThreatGroup
from tests.support.pages import blocks, first_cells, page, rows
from tests.support.tree import ROOT

ALERT_RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))


def default_of(variable: str) -> object:
    """The default of a setting, by its variable."""
    value = Settings.model_construct()
    for part in variable.removeprefix("TOCSIN_").lower().split("__"):
        value = getattr(value, part)
    return value


def written(default: object) -> str:
    """A default as the table writes it."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple) and default:
        return f"`{','.join(default)}`"
    return "" if default in {None, "", ()} else f"`{default}`"


def test_every_setting_is_documented():
    """The table of settings has every variable of the code and no other, once."""
    assert sorted(first_cells(page("settings.md"))) == sorted(variable_names(Settings))


@pytest.mark.parametrize(
    "row", [row for row in rows(page("settings.md")) if row[0].startswith("`")], ids=lambda row: row[0]
)
def test_the_default_is_right(row):
    """A default that is written as code is the code's; one in words stands for a path or for what is shipped."""
    variable, default, meaning = row[0].strip("`"), row[1], row[2]
    assert meaning
    if not default or (default.startswith("`") and " " not in default):
        assert default == written(default_of(variable))
    else:
        assert default_of(variable) is None or isinstance(default_of(variable), Path)


def test_every_topic_is_documented():
    """The table of topics has every topic of the code and no other, with its key and how long it is kept."""
    documented = {row[0].strip("`"): row for row in rows(page("event-contracts.md")) if len(row) == 4}
    documented.pop("topic")
    assert sorted(documented) == sorted(topic.name for topic in topics.ALL)
    for topic in topics.ALL:
        _, key, _, kept = documented[topic.name]
        assert key == topic.key, topic
        days = topic.retention.total_seconds() / 86400 if topic.retention else 0
        hours = f"{days * 24:.0f} hours" if days < 1 else f"{days:.0f} day" + ("s" if days > 1 else "")
        assert kept == ("compacted" if topic.clean_up is topics.CleanUp.COMPACT else hours), topic


def test_the_reference_is_fresh():
    """docs/reference is what `make schemas` writes now: no file differs, none is missing, none is left over."""
    folder = ROOT / "docs/reference"
    found = {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}
    assert found == export.files()


def test_every_region_source_is_documented():
    """The order of trust on the page is the order in the code."""
    cells = [name for name in first_cells(page("regions-and-windows.md")) if name in set(RegionSource)]
    assert cells == list(RegionSource)


def test_levels_and_bands_are_documented():
    """The table of levels has each level with its band of scores; the threat groups are all named."""
    text = page("levels-and-score.md")
    bands = {row[0].strip("`"): row[2] for row in rows(text) if len(row) == 5 and row[0].strip("`") in set(Level)}
    assert bands == {level.value: f"{lowest}–{highest}" for level, (lowest, highest) in BANDS.items()}
    assert [group for group in ThreatGroup if f"`{group}`" not in text] == []


def test_every_section_of_a_rule_pack_is_documented():
    """The table of sections has every section of the loader and no other."""
    assert sorted(first_cells(page("rules.md"))) == sorted(SECTIONS)


def test_every_category_is_documented():
    """Why a record is refused: the closed list."""
    found = {row[0].strip("`") for row in rows(page("event-contracts.md")) if len(row) == 2}
    assert set(Category) <= found


def metric_families() -> dict[str, tuple[str, ...]]:
    """Every metric a worker shows, by the name that a query uses, and its labels."""
    counted = CollectorRegistry()
    found = {}
    pages = (IntakeMetrics(CollectorRegistry()), AnswerMetrics(CollectorRegistry()))
    received = [each for page in pages for name, each in vars(page).items() if name != "registry"]
    sent = vars(DeliveryFamilies(CollectorRegistry()))
    hinted = vars(HintFamilies(CollectorRegistry()))
    for metric in (*vars(Families(counted)).values(), *received, *sent.values(), *hinted.values()):
        (family,) = metric.describe()
        found[family.name + ("_total" if family.type == "counter" else "")] = metric._labelnames
    partitions, rules = PartitionCollector(lambda: ()), RulesCollector(lambda: ())
    for collector in (
        partitions,
        rules,
        RegionCollector(lambda: ()),
        ProbeCollector(HealthState),
        DeskCollector(dict, lambda: 0),
        StreamCollector(lambda: None),
        LedgerCollector(Ledger),
    ):
        for family in collector.describe():
            found[family.name + ("_total" if family.type == "counter" else "")] = family._labelnames
    return found


def test_every_metric_is_documented():
    """The table of metrics has every metric of the code and no other, each with its labels."""
    documented = {row[0].strip("`"): row[1] for row in rows(page("metrics.md")) if row[0].startswith("`")}
    assert documented == {name: ", ".join(labels) for name, labels in metric_families().items()}


def every_command() -> set[str]:
    """Every command by its full name: `tag`, `topics apply`."""
    single = {name for name, entry in COMMANDS.items() if hasattr(entry, "target")}
    groups = set(COMMANDS) - single
    listed = {group: CliRunner().invoke(app, [group, "--help"]).output for group in groups}
    return single | {f"{group} {name}" for group in groups for name in _names(listed[group])}


def _names(output: str) -> list[str]:
    return re.findall(r"^\W*([a-z]+)  ", output.rpartition("Commands")[2], re.MULTILINE)


def test_every_command_is_documented():
    """Each command has a heading on the page of the command line, and each heading is a command."""
    heads = [head.split() for head in re.findall(r"^### `tocsin ([^`]+)`$", page("cli.md"), re.MULTILINE)]
    known = every_command()
    assert sorted(" ".join(head[:2]) if " ".join(head[:2]) in known else head[0] for head in heads) == sorted(known)


@pytest.mark.parametrize("command", sorted(every_command()))
def test_every_option_is_documented(command):
    """Each option that `--help` shows stands under the command's heading, and each one there exists."""
    section = re.search(rf"^### `tocsin {command}\b.*?(?=^##|\Z)", page("cli.md"), re.MULTILINE | re.DOTALL)
    told = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", told.output)) - {"--help"}
    assert section
    assert told.exit_code == 0
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", section[0])) == options


@pytest.mark.parametrize("block", blocks("sh"), ids=lambda block: f"{block.page}:{block.line}")
def test_commands_in_the_docs_exist(block):
    """Every `tocsin …` and `make …` line in a shell block names a command or a target that exists."""
    targets = set(re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())
    for called in re.findall(r"^make (\S+)", block.text, re.MULTILINE):
        assert called in targets
    for line in re.findall(r"(?:^|[|] |bin/)tocsin (.*)$", block.text, re.MULTILINE):
        words = line.split()
        assert words[0] in every_command() or " ".join(words[:2]) in every_command()


def test_exit_codes_are_documented():
    """A supervisor's table has every way a worker ends; a script's has every way a command ends."""
    worker = {int(row[0]) for row in rows(page("operations.md")) if row[0].isdecimal()}
    assert worker == set(map(int, ExitCode)) | {Exit.OK, Exit.USAGE, Exit.UNREACHABLE}
    command = {int(row[0]) for row in rows(page("cli.md")) if row[0].isdecimal()}
    assert set(map(int, Exit)) == command


def alerts() -> list[str]:
    """Every alert of the Prometheus rules."""
    groups = [group for path in ALERT_RULES for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]
    return [rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule]


def test_every_alert_has_its_runbook():
    """One page for each alert rule, and no page for an alert that is gone."""
    assert sorted(path.stem for path in (ROOT / "docs/runbooks").glob("*.md")) == sorted(alerts())


@pytest.mark.parametrize("name", alerts())
def test_a_runbook_has_its_parts(name):
    """Meaning, impact, diagnosis, mitigation, each with something in it."""
    text = page(f"runbooks/{name}.md")
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    assert text.startswith(f"# {name}\n")
    assert parts[1::2] == ["Meaning", "Impact", "Diagnosis", "Mitigation"]
    assert all(part.strip() for part in parts[2::2])


def test_runbooks_name_real_things():
    """A metric, setting or health reason that a page names in backquotes exists."""
    known = set(metric_families()) | set(variable_names(Settings))
    known |= {f"{name}{end}" for name in metric_families() for end in ("_bucket", "_count", "_sum")}
    known |= set(yaml_records())
    for path in sorted((ROOT / "docs").rglob("*.md")):
        for name in re.findall(
            r"`((?:tocsin_[a-z0-9_]+|TOCSIN_[A-Z_]+[A-Z]|\w+:tocsin_[a-z0-9_:]+))", path.read_text("utf-8")
        ):
            assert name in known, path.name


def yaml_records() -> list[str]:
    """Every recording rule."""
    groups = [group for path in ALERT_RULES for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]
    return [rule["record"] for group in groups for rule in group["rules"] if "record" in rule]


def test_the_not_ready_reasons_are_in_the_runbook():
    """Whoever reads /readyz finds the reason in the runbook of TocsinWorkerNotReady."""
    found = set(first_cells(page("runbooks/TocsinWorkerNotReady.md")))
    assert found <= set(Reason)
    assert {"no_assignment", "recovering", "topics_differ", "rules_missing"} <= found
