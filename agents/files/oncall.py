"""The on-call file from disk, and the secrets that it points to: the operator's, or the one that is shipped."""

import os
from pathlib import Path

import pipeline.incidents
from pipeline.answers.seals import KEY_BYTES_MIN, Keys
from pipeline.incidents.load import AnswerSpec, OnCall, OnCallError, parse_oncall
from pipeline.rules.problems import Problem

DEFAULT_FILE = Path(pipeline.incidents.__file__).with_name("oncall.yaml")


def load_oncall(path: Path | None = None) -> OnCall:
    """The file of a path; raises one OnCallError that lists every problem."""
    path = path or DEFAULT_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OnCallError([Problem(str(path), 0, "", f"cannot be read: {error.strerror or error}")]) from error
    return parse_oncall(path.name, data)


def look_up(reference: str) -> str:
    """The secret that `env:NAME` or `file:/path` leads to; "" where there is none."""
    kind, _, where = reference.partition(":")
    if kind == "env":
        return os.environ.get(where, "").strip()
    try:
        return Path(where).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def keys_of(answers: AnswerSpec, *, file: str) -> Keys:
    """The keys by which offers are sealed and opened; raises one OnCallError that repeats none of them."""
    secrets = [look_up(reference).encode() for reference in answers.keys]
    problems = [
        Problem(file, 0, f"answers.keys[{at}]", f"{reference} holds fewer than {KEY_BYTES_MIN} bytes; set it")
        for at, (reference, secret) in enumerate(zip(answers.keys, secrets, strict=True))
        if len(secret) < KEY_BYTES_MIN
    ]
    if problems:
        raise OnCallError(problems)
    return Keys(secrets)
