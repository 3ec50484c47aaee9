"""The operator's file of places: everything wrong in it is told in words, at the start."""

from pathlib import Path

import pytest

from agents.files.places import PlacesError, load_places


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"queues: {a: [}", "places.yaml", id="no YAML"),
        pytest.param(b"\xff{", "places.yaml", id="not UTF-8"),
        pytest.param(b"[" * 5_000, "nested too deep", id="nested too deep"),
        pytest.param(b"queues: {\xe5\x8d\x8e\xe5\x8d\x97: mars}\nstray: 1", "stray", id="a key that nobody reads"),
        pytest.param(b"queues: {a: mars}", "queues.a", id="no region"),
        pytest.param(b"mobile_prefixes: {'138': '110000'}", "mobile_prefixes.138", id="too short a prefix"),
        pytest.param(b"- a", "places.yaml", id="a list"),
        pytest.param(b"queues: {a: 2026-13-45}", "in quotes", id="a day that no month has"),
        pytest.param(b"queues: {a: " + b"9" * 5_000 + b"}", "in quotes", id="a number that nobody can read"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    """A worker ends with a sentence, not with a traceback."""
    file = tmp_path / "places.yaml"
    file.write_bytes(content)
    with pytest.raises(PlacesError, match=r"places\.yaml") as caught:
        load_places(file)
    assert told in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What cannot be read is told like what cannot be understood."""
    with pytest.raises(PlacesError, match=tmp_path.name):
        load_places(tmp_path)
