"""The project files agree with each other and with what is installed."""

import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import PACKAGES, ROOT, files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ("build", "runtime", "demo", "train", "dev")


def wanted(name: str) -> dict[str, Requirement]:
    """The requirements of one .in file, without the files it includes."""
    lines = (ROOT / f"requirements/{name}.in").read_text(encoding="utf-8").splitlines()
    bare = [line.split("#")[0].strip() for line in lines]
    found = [Requirement(line) for line in bare if line and not line.startswith("-r")]
    return {canonicalize_name(each.name): each for each in found}


def locked(name: str) -> dict[str, str]:
    """Name and version of each entry of a lock."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("package", PACKAGES)
def test_our_packages_win(package):
    """Our top-level names are short: they come from this tree and no other distribution ships them."""
    origin = importlib.util.find_spec(package).origin
    assert Path(origin).resolve() == ROOT / package / "__init__.py"
    assert set(importlib.metadata.packages_distributions().get(package, ["tocsin"])) == {"tocsin"}


def test_it_can_never_be_published():
    """A registry refuses an upload with this classifier."""
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_wish_is_exact_and_locked(name):
    """Each line of a .in file names one version, and its lock holds that version."""
    entries = locked(name)
    for key, wish in wanted(name).items():
        assert str(wish.specifier) == f"=={entries.get(key)}", f"{wish}: run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_entry_has_its_hash(name):
    """An entry without one would be refused by pip; so it is here, sooner, and no address of an index is written."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not re.search(r"://|--index|--find-links|^-e", text, re.MULTILINE)


def test_locks_agree():
    """What a worker runs in production is what the suite tested."""
    runtime, dev = locked("runtime"), locked("dev")
    assert {name: dev.get(name) for name in runtime} == runtime


@pytest.mark.parametrize(
    ("extra", "lock"), [(None, "runtime"), ("demo", "demo"), ("train", "train"), ("ics", "ics"), ("reader", "reader")]
)
def test_project_and_requirements_name_the_same(extra, lock):
    """pyproject.toml and requirements/*.in list the same distributions, and the locked version is in range."""
    lines = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    ranges = {canonicalize_name(each.name): each for each in map(Requirement, lines)}
    assert set(ranges) == set(wanted(lock))
    for name, version in locked(lock).items():
        assert name not in ranges or ranges[name].specifier.contains(version, prereleases=True)


def test_what_is_installed_is_what_is_locked():
    """This environment holds the locked versions: `make setup` was run after the last `make lock`."""
    different = {
        name: (importlib.metadata.version(name), version)
        for name, version in locked("dev").items()
        if _installed(name) and importlib.metadata.version(name) != version
    }
    assert not different


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False  # an entry for another platform
    return True


def test_the_wheel_is_complete(tmp_path):
    """Code and data files of the three packages, all of them and nothing else, are in the built application."""
    tree = tmp_path / "tree"
    ours = [path for path in files() if path.parts[0] in PACKAGES or path.name in {"pyproject.toml", "README.md"}]
    for path in ours:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes((ROOT / path).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(tree)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {Path(name) for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {path for path in ours if path.parts[0] in PACKAGES}


def test_make_help_prints_every_target():
    """`make` alone lists every target that is meant to be used."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  make (\S+)", shown, re.MULTILINE)) == phony
