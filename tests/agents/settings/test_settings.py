"""Settings: read once from TOCSIN_ variables, every problem told at once, no secret shown."""

import os
from pathlib import Path

import pytest

from agents.environment import variable_names
from agents.settings import Settings, SettingsError, kafka_security, load_settings
from schemas.vocabulary import Level


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start every test without TOCSIN_ variables."""
    for name in [name for name in os.environ if name.upper().startswith("TOCSIN_")]:
        monkeypatch.delenv(name)


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    """The settings under these variables, named without prefix."""
    for name, value in variables.items():
        monkeypatch.setenv(f"TOCSIN_{name}", value)
    return load_settings()


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    """What is wrong with these variables."""
    with pytest.raises(SettingsError) as caught:
        read(monkeypatch, **variables)
    return caught.value.problems


def test_defaults_fit_a_broker_on_this_machine(monkeypatch) -> None:
    """Without any variable a worker finds the local broker, privately and in the open."""
    settings = read(monkeypatch)
    assert settings.bootstrap == "127.0.0.1:9092"
    assert (settings.application_id, settings.topic_prefix, settings.partitions) == ("tocsin", "", 4)
    assert settings.ops.host == "127.0.0.1"
    assert settings.inquiry_level is Level.POTENTIAL
    assert kafka_security(settings) == {"security_protocol": "PLAINTEXT", "ssl_context": None}
    assert settings.security.faust_credentials() is None


def test_groups_and_lists_are_read(monkeypatch) -> None:
    """Nested names have two underscores; brokers are separated by commas; an empty variable is not set."""
    settings = read(
        monkeypatch, BROKER="a:9092, b:9093", OPS__PORT="9464", DEAD_LETTERS__SHARE_MAX="0.25", APPLICATION_ID=""
    )
    assert settings.broker == ("a:9092", "b:9093")
    assert settings.ops.port == 9464
    assert settings.dead_letters.share_max == 0.25
    assert settings.application_id == "tocsin"


def test_a_group_in_a_group(monkeypatch) -> None:
    """The OpenID client of the board; an issuer without a client is told under the group's name."""
    oidc = {"BOARD__OIDC__ISSUER": "https://id.example/a", "BOARD__OIDC__CLIENT_ID": "board"}
    found = read(monkeypatch, **oidc, BOARD__OIDC__SCOPES="openid, groups").board.oidc
    assert (found.is_used, found.scopes) == (True, ("openid", "groups"))
    monkeypatch.delenv("TOCSIN_BOARD__OIDC__CLIENT_ID")
    assert problems(monkeypatch) == ["TOCSIN_BOARD__OIDC: an issuer is given, but no CLIENT_ID"]


def test_every_problem_is_told_at_once(monkeypatch) -> None:
    """A wrong value, a misspelt name and a misspelt nested name come in one message."""
    found = problems(monkeypatch, BROKRE="x", PARTITIONS="many", OPS__PROT="1", BROKER="kafka")
    assert [problem.split(":")[0].split("=")[0] for problem in found] == [
        "TOCSIN_BROKRE",
        "TOCSIN_OPS__PROT",
        "TOCSIN_BROKER",
        "TOCSIN_PARTITIONS",
    ]
    assert "did you mean TOCSIN_BROKER?" in found[0]
    assert "did you mean TOCSIN_OPS__PORT?" in found[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("PARTITIONS", "0", id="no partitions"),
        pytest.param("DEAD_LETTERS__SHARE_MAX", "1.5", id="a share above one"),
        pytest.param("ENGINE__TICK_INTERVAL_SECONDS", "0", id="a clock that never rests"),
        pytest.param("ENGINE__TICK_INTERVAL_SECONDS", "61", id="a clock whose every step could be taken for a gap"),
        pytest.param("INQUIRY_LEVEL", "explicit", id="an enquiry is no explicit complaint"),
        pytest.param("APPLICATION_ID", "a b", id="a blank in a Kafka name"),
        pytest.param("BROKER", ",", id="no address"),
        pytest.param("BROKER", "host:0", id="port zero"),
        pytest.param("BROKER", "kafka://host:9092", id="an address with a scheme"),
        pytest.param("RULES_DIR", "no/such/folder", id="no such folder"),
        pytest.param("BOARD__OIDC__ISSUER", "http://id.example", id="a provider in clear"),
        pytest.param("BOARD__OIDC__ISSUER", "https://user@id.example", id="a provider with a login in its name"),
        pytest.param("BOARD__OIDC__ISSUER", "id.example", id="a provider without a scheme"),
        pytest.param("BOARD__OIDC__SCOPES", "profile", id="no scope that asks for a login"),
        pytest.param("BOARD__OIDC__CLIENT_SECRET_FILE", "no/such/file", id="no file with the client's secret"),
        pytest.param("MODEL", "no/such.npz", id="no such model"),
        pytest.param("MODEL", "builtin+no/such.onnx", id="no such reader"),
        pytest.param("MODEL", "off+reader", id="a reader beside nothing"),
        pytest.param("LOG__FORMAT", "xml", id="no such format"),
        pytest.param("OPS", "9464", id="a group in one piece"),
    ],
)
def test_a_wrong_value_is_refused(monkeypatch, name, value) -> None:
    """The message names the variable, once."""
    found = problems(monkeypatch, **{name: value})
    assert len(found) == 1
    assert name.lower() in found[0].lower()


@pytest.mark.parametrize("value", [pytest.param("5", id="a number"), pytest.param("batch=5", id="no JSON")])
def test_a_group_is_written_field_by_field(monkeypatch, value) -> None:
    """A value for a whole group is answered with how its fields are written."""
    (problem,) = problems(monkeypatch, ENGINE=value)
    assert "engine" in problem.lower()
    assert problem.endswith("a group is written field by field, as in TOCSIN_OPS__PORT")


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        pytest.param("ENGINE", '{"tick_seconds": 1}', ["TOCSIN_ENGINE__TICK_SECONDS: no such setting"], id="a group"),
        pytest.param(
            "ENGINE",
            '{"hunter2": "hunter3", "other": 2}',
            ["TOCSIN_ENGINE__HUNTER2: no such setting", "TOCSIN_ENGINE__OTHER: no such setting"],
            id="two names, no values",
        ),
        pytest.param("BOARD", '{"oidc": {"isuer": 1}}', ["TOCSIN_BOARD__OIDC__ISUER: no such setting"], id="deeper"),
    ],
)
def test_a_misspelt_name_in_json_is_told(monkeypatch, name, value, wanted) -> None:
    """A group may come in one piece; what is wrong in it must not end in a heading with nothing under it."""
    assert sorted(problems(monkeypatch, **{name: value})) == wanted


def test_service_links_of_kubernetes_are_no_settings(monkeypatch) -> None:
    """A service named tocsin-worker puts its address into every pod; elsewhere such a name is a misspelling."""
    links = {"WORKER_PORT_9464_TCP_ADDR": "10.0.0.1", "PORT": "tcp://10.0.0.1:9464", "SERVICE_HOST": "10.0.0.1"}
    assert len(problems(monkeypatch, **links)) == 3
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    read(monkeypatch, **links)


def test_sasl_needs_encryption_or_a_clear_word(monkeypatch) -> None:
    """A password in clear is sent only when the operator says so."""
    login = {"SECURITY__PROTOCOL": "SASL_PLAINTEXT", "SECURITY__USERNAME": "u", "SECURITY__PASSWORD": "hunter2"}
    assert "clear" in problems(monkeypatch, **login)[0]
    settings = read(monkeypatch, SECURITY__ALLOW_CLEAR_PASSWORD="true")
    assert kafka_security(settings)["ssl_context"] is None
    assert kafka_security(settings)["sasl_plain_password"] == "hunter2"


def test_sasl_over_tls_always_has_a_context(monkeypatch) -> None:
    """Both libraries fall back to clear text without one."""
    settings = read(monkeypatch, SECURITY__PROTOCOL="SASL_SSL", SECURITY__USERNAME="u", SECURITY__PASSWORD="hunter2")
    options = kafka_security(settings)
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert options["ssl_context"].check_hostname
    credentials = settings.security.faust_credentials()
    assert (credentials.protocol.value, credentials.mechanism.value) == ("SASL_SSL", "SCRAM-SHA-512")


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"PROTOCOL": "SASL_SSL", "USERNAME": "u"}, id="no password"),
        pytest.param({"USERNAME": "u"}, id="a user on an open connection"),
        pytest.param({"PROTOCOL": "SSL", "CA_FILE": "no/such.pem"}, id="no such certificate"),
        pytest.param({"CA_FILE": "pyproject.toml"}, id="a certificate on an open connection"),
        pytest.param({"PROTOCOL": "SSL", "CERT_FILE": "pyproject.toml"}, id="a certificate without its key"),
        pytest.param({"PROTOCOL": "SASL_SSL", "MECHANISM": "GSSAPI"}, id="a mechanism that we do not speak"),
    ],
)
def test_security_that_does_not_fit_together_is_refused(monkeypatch, variables) -> None:
    """Half a security setting is none."""
    assert problems(monkeypatch, **{f"SECURITY__{name}": value for name, value in variables.items()})


def test_no_secret_is_shown(monkeypatch, tmp_path: Path) -> None:
    """Neither repr nor an error message holds the password, and a mounted file serves as well."""
    login = {"SECURITY__PROTOCOL": "SASL_SSL", "SECURITY__USERNAME": "u", "SECURITY__PASSWORD": "hunter2"}
    settings = read(monkeypatch, **login)
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert "hunter2" not in str(problems(monkeypatch, SECURITY__PROTOCOL="PLAINTEXT", SECURITY__PASWORD="hunter2"))
    monkeypatch.delenv("TOCSIN_SECURITY__PASWORD")
    monkeypatch.delenv("TOCSIN_SECURITY__PASSWORD")
    (tmp_path / "password").write_text("hunter3\n")
    settings = read(monkeypatch, SECURITY__PROTOCOL="SASL_SSL", SECURITY__PASSWORD_FILE=str(tmp_path / "password"))
    assert settings.security.secret() == "hunter3"


def test_settings_are_frozen(monkeypatch) -> None:
    """What was checked at the start holds until the end."""
    settings = read(monkeypatch)
    with pytest.raises(ValueError, match="frozen"):
        settings.partitions = 8
    with pytest.raises(ValueError, match="frozen"):
        settings.ops.port = 1


def test_units_are_in_the_names() -> None:
    """A duration, a size or a count says so."""
    numbers = [
        name
        for name, field in (*Settings.model_fields["engine"].annotation.model_fields.items(),)
        if field.annotation in {int, float} and not name.rstrip("_max").endswith(("seconds", "bytes", "records"))
    ]
    assert not numbers
    assert len(set(variable_names(Settings))) == len(list(variable_names(Settings)))


def test_a_prefix_makes_a_group_of_its_own(monkeypatch):
    """Two clusters on one broker that differ by prefix alone share neither group nor transactional ids."""
    monkeypatch.setenv("TOCSIN_TOPIC_PREFIX", "blue.")
    assert load_settings().application_id == "blue.tocsin"
    monkeypatch.setenv("TOCSIN_APPLICATION_ID", "mine")
    assert load_settings().application_id == "mine"
