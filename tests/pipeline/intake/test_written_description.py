"""`intake.yaml`: what is wrong with it is told all at once, with its line, and never with what was written."""

import pytest

from pipeline.intake.written import IntakeError, problem_at, read_intake

GOOD = """\
customer_secret: {file: /run/secrets/company}
sources:
  - name: helpdesk
    kind: zendesk
    path: /in/helpdesk
    secrets: [{env: ZENDESK_SECRET}]
  - name: crm
    kind: generic
    path: /in/crm
    secrets:
      - file: /run/secrets/crm
      - file: /run/secrets/crm-old
    auth: {scheme: hmac, header: X-Signature, prefix: "sha256="}
    records:
      - topic: agents.states
        fields:
          agent_id: agent
          state: {from: state, map: {on: ready}}
          since: at
          occurred_at: at
"""


def problems(text):
    """What is said of a file."""
    with pytest.raises(IntakeError) as caught:
        read_intake("intake.yaml", text.encode())
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_is_read():
    """Sources in order, each of its kind; YAML's own ideas about `on` do not reach the keys of a table."""
    intake = read_intake("intake.yaml", GOOD.encode())
    assert [source.kind for source in intake.sources] == ["zendesk", "generic"]
    assert intake.sources[1].records[0].fields["state"].map == {"on": "ready"}
    assert intake.answer_within_seconds < 5  # Chatwoot does not wait longer


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("kind: zendesk", "kind: zendsk", "intake.yaml:3: sources[0]: Input tag", id="no such kind"),
        pytest.param(
            "    path: /in/helpdesk\n",
            "    pth: /in/helpdesk\n",
            "intake.yaml:5: sources[0].pth: is not known here; did you mean path?",
            id="misspelt",
        ),
        pytest.param("    path: /in/helpdesk\n", "", "intake.yaml:3: sources[0].path: is missing", id="missing"),
        pytest.param("path: /in/crm", "path: in/crm", "intake.yaml:9: sources[1].path: ", id="no path"),
        pytest.param("path: /in/crm", "path: /in/helpdesk", "intake.yaml:9: sources[1].path: another", id="path twice"),
        pytest.param("name: crm", "name: helpdesk", "intake.yaml:7: sources[1].name: another", id="name twice"),
        pytest.param(
            "name: crm", "name: crm\n    name: x", "intake.yaml:8: sources[1].name: stands here twice", id="key twice"
        ),
        pytest.param(
            "{env: ZENDESK_SECRET}",
            "{env: TOCSIN_X}",
            "intake.yaml:6: sources[0].secrets[0]: a name that",
            id="a setting",
        ),
        pytest.param(
            "{env: ZENDESK_SECRET}", "{}", "intake.yaml:6: sources[0].secrets[0]: expected `env:", id="no secret"
        ),
        pytest.param(
            "agents.states", "agent.states", "intake.yaml:15: sources[1].records[0].topic: no such topic", id="topic"
        ),
        pytest.param(
            "topic: agents.states",
            "topic: chats.messages",
            "intake.yaml:15: sources[1].records[0]: `schema` is missing",
            id="schema",
        ),
        pytest.param(
            "agent_id: agent",
            "agnet_id: agent",
            "agent.state/1 has no field that a mapping may fill; did you mean agent_id?",
            id="no such field",
        ),
        pytest.param(
            "          since: at\n",
            "",
            "intake.yaml:16: sources[1].records[0].fields: agent.state/1 also needs since",
            id="a field that is needed",
        ),
        pytest.param(
            "{on: ready}",
            "{on: redy}",
            "intake.yaml:18: sources[1].records[0].fields.state.map.on: expected one of ready,",
            id="no such word",
        ),
        pytest.param(
            "since: at",
            "since: {from: at, value: 1}",
            "intake.yaml:19: sources[1].records[0].fields.since: expected exactly one of",
            id="two origins",
        ),
        pytest.param(
            "since: at",
            "since: item.at",
            "intake.yaml:19: sources[1].records[0].fields.since: `item.` needs `each`",
            id="item without each",
        ),
        pytest.param(
            "agent_id: agent",
            "agent_id: {from: a, plus: b}",
            "intake.yaml:17: sources[1].records[0].fields.agent_id: `plus`",
            id="a sum of names",
        ),
        pytest.param(
            "scheme: hmac,",
            "scheme: zendesk,",
            "intake.yaml:13: sources[1].auth: the scheme zendesk is fixed",
            id="a preset and more",
        ),
        pytest.param("sources:", "sources: &a\n  - *a\n  #", "intake.yaml:3: uses the alias", id="an alias"),
        pytest.param(
            "path: /in/crm",
            "path: /in/crm\n    zone: Asia/Shanghay",
            "intake.yaml:10: sources[1].zone: no such time zone; write its name",
            id="a zone that is none",
        ),
        pytest.param(
            "agent_id: agent",
            "agent_id: {from: a, zone: UTC}",
            "intake.yaml:17: sources[1].records[0].fields.agent_id.zone: a zone is for times",
            id="a zone of a name",
        ),
        pytest.param(GOOD, "", "intake.yaml: is empty", id="empty"),
        pytest.param(GOOD, "- a", "intake.yaml:1: must start with", id="a list"),
        pytest.param("path: /in/crm", "path: 0b2", "intake.yaml:9: sources[1].path", id="a strange number"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, told):
    """The line of the innermost thing that stands in the file, and what belongs there."""
    said = problems(GOOD.replace(old, new, 1))
    assert any(each.startswith(told) or told in each for each in said), said


def test_everything_is_told_at_once():
    """Three mistakes, three lines, in order."""
    said = problems(
        GOOD.replace("zendesk\n", "zendesk\n    tenant: ''\n", 1).replace("/in/crm", "crm", 1) + "more: 1\n"
    )
    assert [each.split(": ")[0] for each in said] == ["intake.yaml:5", "intake.yaml:10", "intake.yaml:22"]


def test_two_systems_with_the_same_ids_are_told_apart():
    """Ticket 7 of Zendesk and conversation 7 of Chatwoot must not become one ticket."""
    chat = "  - {name: chat, kind: chatwoot, path: /in/chat, secrets: [{env: CHAT}]}\n"
    assert "ids would be taken for those of helpdesk" in problems(GOOD + chat)[0]
    assert read_intake("intake.yaml", (GOOD + chat.replace("kind", "id_prefix: cw-, kind")).encode())


@pytest.mark.parametrize(
    "place", ["secrets: [hunter2hunter2hunter2]", "secrets: hunter2hunter2hunter2", "secret: hunter2hunter2hunter2"]
)
def test_a_secret_written_by_mistake_is_not_repeated(place):
    """Nobody finds it in a log."""
    said = problems(GOOD.replace("secrets: [{env: ZENDESK_SECRET}]", place))
    assert "hunter2" not in "\n".join(said)


def test_a_problem_of_the_machine_has_its_line():
    """A secret that is not in the environment is told where the file asks for it."""
    told = problem_at("intake.yaml", GOOD.encode(), ("sources", 0, "secrets", 0, "env"), "is not set")
    assert str(told) == "intake.yaml:6: sources[0].secrets[0].env: is not set"
