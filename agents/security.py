"""How clients prove who they are and whom they trust: TLS and SASL for aiokafka and for Faust.

A password never travels in clear unless the operator says so in so many words: without an SSL context both libraries
would quietly fall back to SASL_PLAINTEXT.
"""

import ssl
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator


class Protocol(StrEnum):
    """How a connection is made."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def has_tls(self) -> bool:
        """Whether the connection is encrypted and the broker proves who it is."""
        return self in {Protocol.SSL, Protocol.SASL_SSL}

    @property
    def has_sasl(self) -> bool:
        """Whether the client logs in with a name and a password."""
        return self in {Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL}


class Mechanism(StrEnum):
    """How the password is shown to the broker."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class Security(BaseModel):
    """Kafka's security, one value for every client of the process."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    protocol: Protocol = Protocol.PLAINTEXT
    ca_file: Path | None = None  # None trusts what the system trusts
    cert_file: Path | None = None  # the client's own certificate, for mutual TLS
    key_file: Path | None = None
    key_password: SecretStr | None = None
    check_hostname: bool = True
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    username: str = ""
    password: SecretStr | None = None
    password_file: Path | None = None  # instead of `password`: a mounted secret
    allow_clear_password: bool = False  # SASL_PLAINTEXT sends it so that anybody on the way can read it

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = []
        if self.protocol is Protocol.SASL_PLAINTEXT and not self.allow_clear_password:
            problems.append(
                "SASL_PLAINTEXT sends the password in clear; use SASL_SSL, "
                "or set TOCSIN_SECURITY__ALLOW_CLEAR_PASSWORD=true"
            )
        if self.protocol.has_sasl and not (self.username and (self.password or self.password_file)):
            problems.append("SASL needs TOCSIN_SECURITY__USERNAME and TOCSIN_SECURITY__PASSWORD (or __PASSWORD_FILE)")
        if self.password and self.password_file:
            problems.append("give PASSWORD or PASSWORD_FILE, not both")
        if not self.protocol.has_sasl and (self.username or self.password or self.password_file):
            problems.append(f"a user name or password is given, but protocol {self.protocol} uses none")
        if not self.protocol.has_tls and (self.ca_file or self.cert_file or self.key_file):
            problems.append(f"certificates are given, but protocol {self.protocol} does not encrypt")
        if bool(self.cert_file) != bool(self.key_file):
            problems.append("CERT_FILE and KEY_FILE go together")
        problems += [
            f"{path} is not a file that can be read"
            for path in (self.ca_file, self.cert_file, self.key_file, self.password_file)
            if path is not None and not path.is_file()
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS context; None where the protocol has no TLS."""
        if not self.protocol.has_tls:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = self.check_hostname
        if self.cert_file is not None:
            secret = self.key_password.get_secret_value() if self.key_password else None
            context.load_cert_chain(self.cert_file, self.key_file, secret)
        return context

    def secret(self) -> str:
        """The password in clear, at the moment it is needed."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").strip()
        return self.password.get_secret_value() if self.password else ""

    def client_options(self) -> dict[str, Any]:
        """Keyword arguments for every aiokafka client."""
        options: dict[str, Any] = {"security_protocol": self.protocol.value, "ssl_context": self.ssl_context()}
        if self.protocol.has_sasl:
            options |= {
                "sasl_mechanism": self.mechanism.value,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.secret(),
            }
        return options

    def faust_credentials(self) -> Any:
        """What Faust takes as `broker_credentials`; None on an open connection."""
        from faust.auth import SASLCredentials, SSLCredentials  # noqa: PLC0415 - 0.3 s that most commands do not need

        if self.protocol.has_sasl:
            return SASLCredentials(
                username=self.username,
                password=self.secret(),
                mechanism=self.mechanism.value,
                ssl_context=self.ssl_context(),
            )
        context = self.ssl_context()
        return None if context is None else SSLCredentials(context=context)
