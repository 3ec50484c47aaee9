"""The node's own files: Java must read the folder that we mean."""

import re

import pytest

from agents.broker.config import write_files


def read_as_java(line: str) -> str:
    """A value as java.util.Properties reads it: backslashes escape, and u after one is a UTF-16 code unit."""
    escape = re.compile(r"\\u([0-9a-f]{4})|\\(.)")
    units = escape.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], line)
    return units.encode("utf-16", "surrogatepass").decode("utf-16")


@pytest.mark.parametrize("name", ["plain", "桌面", "café 数据", "a\\b", "𠮷野家"])
def test_a_folder_of_any_name_holds_the_data(tmp_path, name):
    """Java takes a properties file for Latin-1: what is not ASCII is escaped, and so is a backslash."""
    folder = tmp_path / name
    folder.mkdir()
    write_files(folder, port=20_001, controller_port=20_002)
    written = (folder / "server.properties").read_bytes().decode("latin-1")
    (value,) = re.findall(r"^log\.dirs=(.*)$", written, re.MULTILINE)
    assert read_as_java(value) == str(folder / "data")
