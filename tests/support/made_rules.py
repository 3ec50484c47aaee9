"""Rule packs for tests: the shipped files with more beside them."""

from typing import Any

import yaml

from pipeline.rules.load import DEFAULT_PACK, parse_pack
from pipeline.rules.model import RulePack

SHIPPED = [(path.name, path.read_bytes()) for path in sorted(DEFAULT_PACK.glob("*.yaml"))]


def pack_with(text: str) -> RulePack:
    """The shipped pack and one file more."""
    return parse_pack([*SHIPPED, ("own.yaml", text.encode())])


def small_pack() -> list[tuple[str, bytes]]:
    """The shipped pack with at most two entries in each list: quick to read, for tests that read thousands."""
    sections: dict[str, Any] = {}
    for _, data in SHIPPED:
        sections |= yaml.safe_load(data)
    for name in _NAMING_THREATS:
        del sections[name]
    return [("small.yaml", yaml.safe_dump(_cut(sections), allow_unicode=True).encode())]


_NAMING_THREATS = ("civic_channels", "civic_joint")  # of which few are left


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(child) for name, child in value.items()}
    return [_cut(child) for child in value[:2]] if isinstance(value, list) else value
