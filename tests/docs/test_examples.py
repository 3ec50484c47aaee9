"""Every example in the docs is loaded or judged."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from agents.cli.main import app
from agents.files.places import load_places
from pipeline.incidents.load import parse_oncall
from pipeline.rules.load import DEFAULT_PACK, load_pack, parse_pack
from pipeline.sla.load import parse_sla
from pipeline.tagging import Tagger
from schemas import codec, topics
from schemas.vocabulary import Level, Role
from tests.support.pages import Block, blocks, page, pages, rows

BY_NAME = {topic.name: topic for topic in topics.ALL}


@pytest.mark.parametrize("block", blocks("json"), ids=lambda block: f"{block.page}:{block.line}")
def test_a_record_in_the_docs_is_accepted(block):
    """A JSON block names its topic; the topic's reader takes it, and every field in it is one that is read."""
    topic = BY_NAME[block.about]
    given = json.loads(block.text)
    record = codec.Record(
        offset=0, timestamp=given["occurred_at"], key=given.get(topic.key_field, "").encode(), value=block.text.encode()
    )
    decoded = codec.decode_batch(topic, [record], 0)
    assert not decoded.refusals, str(decoded.refusals[0])
    (value,) = decoded.events
    assert given["schema"] == type(value).SCHEMA
    assert not set(given) - {"schema", *type(value).__struct_fields__}


def yaml_blocks(about: str) -> list[Block]:
    """YAML blocks of one kind."""
    return [block for block in blocks("yaml") if block.about == about]


@pytest.mark.parametrize("block", yaml_blocks("rules"), ids=lambda block: f"{block.page}:{block.line}")
def test_rules_in_the_docs_are_accepted(block):
    """Rules in a YAML block take the place of their sections in the shipped pack; the loader has no objection."""
    written = yaml.safe_load(block.text)
    rest: dict[str, object] = {}
    for path in DEFAULT_PACK.glob("*.yaml"):
        rest |= yaml.safe_load(path.read_text(encoding="utf-8"))
    # The lists on letters name cues and patterns of the sections that were taken away.
    shipped = {name: each for name, each in rest.items() if name not in written and not name.startswith("civic_")}
    assert parse_pack([("shipped.yaml", yaml.safe_dump(shipped).encode()), ("docs.yaml", block.text.encode())])


@pytest.mark.parametrize("block", yaml_blocks("regions"), ids=lambda block: f"{block.page}:{block.line}")
def test_a_regions_file_in_the_docs_is_accepted(block, tmp_path):
    """A YAML block of places is read, and each line of it arrives."""
    file = tmp_path / "regions.yaml"
    file.write_text(block.text, encoding="utf-8")
    tables = load_places(file)
    assert {"queues": tables.queues, "mobile_prefixes": tables.mobile_prefixes} == yaml.safe_load(block.text)


@pytest.mark.parametrize("block", yaml_blocks("sla"), ids=lambda block: f"{block.page}:{block.line}")
def test_policies_in_the_docs_are_accepted(block):
    """A YAML block of policies is read without a problem."""
    assert parse_sla([("docs.yaml", block.text.encode())]).policies


@pytest.mark.parametrize("block", yaml_blocks("oncall"), ids=lambda block: f"{block.page}:{block.line}")
def test_an_on_call_file_in_the_docs_is_accepted(block):
    """A YAML block of channels, people, rosters, chains and routes is read without a problem."""
    assert parse_oncall("docs.yaml", block.text.encode()).plan.routes


def test_every_yaml_block_says_what_it_is():
    """A block of a kind that no test knows would be a promise that nobody keeps."""
    assert {block.about for block in blocks("yaml")} == {"rules", "regions", "sla", "intake", "oncall"}


@pytest.mark.parametrize("block", blocks("text"), ids=lambda block: f"{block.page}:{block.line}")
def test_lines_of_tag_in_the_docs_are_true(block):
    """Lines after > go in; each line after < holds a part of what comes out."""
    assert block.about == "tag"
    lines = block.text.splitlines()
    given = "\n".join(line[2:] for line in lines if line.startswith("> "))
    told = CliRunner().invoke(app, ["tag", "-"], input=given)
    shown = [json.loads(line[2:]) for line in lines if line.startswith("< ")]
    answers = [json.loads(line) for line in told.output.splitlines()]
    assert [{name: out[name] for name in wanted} for wanted, out in zip(shown, answers, strict=True)] == shown


def tagged_examples() -> list[tuple[str, str]]:
    """Text and level of each table under a `<!-- tagged -->` mark."""
    found = []
    for text in pages().values():
        for part in text.split("<!-- tagged -->")[1:]:
            lines = [line for line in part.split("\n\n")[0].strip().splitlines() if line.startswith("|")][2:]
            cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
            found += [(text, level) for text, level in cells]
    return found


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """The shipped rules."""
    return Tagger(load_pack())


@pytest.mark.parametrize(("text", "level"), tagged_examples())
def test_a_sentence_in_the_docs_has_the_level_it_says(text, level, tagger):
    """What the page on levels says of a customer's sentence is what the shipped rules say."""
    (finding,) = tagger.tag([text], [Role.CUSTOMER])
    assert (finding.level if finding else Level.NONE) == level


def guard_examples() -> list[tuple[str, str, str]]:
    """Guard, example and result of the table of guards."""
    part = page("levels-and-score.md").split("## Guards")[1].split("## Nine")[0]
    return [(row[0], row[1], row[2]) for row in rows(part)[1:]]


@pytest.mark.parametrize(("guard", "example", "result"), guard_examples())
def test_a_guard_in_the_docs_decides_as_it_says(guard, example, result, tagger):
    """The first level in the result column is the level of each example."""
    role = Role.AGENT if example.startswith("an agent: ") else Role.CUSTOMER
    wanted = "none" if "dropped" in result else result.split("`")[1]
    for text in [example] if "，" in example else example.removeprefix("an agent: ").split(", "):
        (finding,) = tagger.tag([text], [role])
        assert (finding.level if finding else Level.NONE) == wanted, text


def test_the_pages_have_examples():
    """A mark that was mistyped would silently test nothing."""
    assert len(tagged_examples()) >= 8
    assert "<!-- tagged -->" in page("levels-and-score.md")
