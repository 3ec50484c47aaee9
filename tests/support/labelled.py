"""Labels of this repository joined with their texts, which stand beside the clone and never in it.

`python -m tests.support.labelled FOLDER` writes what `tocsin model train` takes; tests/labels/README.md tells the rest.
"""

import csv
import functools
import sys
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from schemas.vocabulary import Role
from tests.support.shared_data import shared_data
from tests.support.tree import ROOT
from tests.support.tricky_sentences import tricky_sentences

LABELS = ROOT / "tests/labels"
PRACTICE = LABELS / "practice"


def labelled_lines() -> list[dict[str, Any]]:
    """Every label of tests/labels as a line for training."""
    return _lines(LABELS)


def held_out_lines() -> list[dict[str, Any]]:
    """The labels that nothing is trained on, and no rule was mended by."""
    return _lines(LABELS / "held_out")


def practice_lines() -> list[dict[str, Any]]:
    """What measures nothing: likely complaints that were drawn, what they left, and written sentences."""
    judged = {line["id"].partition("#")[0] for line in [*evaluation_lines(), *labelled_lines(), *held_out_lines()]}
    drawn = [line for line in _lines(PRACTICE) if line["id"].partition("#")[0] not in judged]
    written = _written("written")
    for line in written:
        line |= {"source": "written for practice", "level": None if line["reasons"] else line["level"]}
    return [*drawn, *written]


def hard_lines() -> list[dict[str, Any]]:
    """Sentences written to show what high risk is and what is none, however angry: no text of anybody else's."""
    tricky = [each for each in tricky_sentences() if each.role is Role.CUSTOMER]
    lines = [
        {"id": f"{each.topic}-{number}", "text": each.text, "level": each.level, "source": "tricky sentences"}
        for number, each in enumerate(tricky)
    ]
    plain = [{**line, "id": f"hard-{line['id']}", "reasons": []} for line in _written("written")]
    return [*lines, *plain, *_written("hard")]


def _written(name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (PRACTICE / f"{name}.jsonl").read_bytes().splitlines()]


def _lines(folder: Path) -> list[dict[str, Any]]:
    texts = _texts()
    lines = []
    for file in sorted(folder.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                source, text = texts[row["id"]]
                reasons = [reason for reason in row["reasons"].split(",") if reason]
                lines.append({**row, "source": source, "text": text, "reasons": reasons})
    return lines


def evaluation_lines() -> list[dict[str, Any]]:
    """The labelled development set that came with the data."""
    return [orjson.loads(line) for line in shared_data("eval_dev.jsonl").read_bytes().splitlines()]


def unlabelled_lines() -> list[dict[str, Any]]:
    """Every development text of a customer in Chinese, labelled or not, but none that is held out."""
    apart = {line["id"].partition("#")[0] for line in held_out_lines()}
    return [
        {"id": name, "text": text, "source": source}
        for name, (source, text) in _texts().items()
        if len(text.strip()) > 3 and source != "banking77_en" and name.partition("#")[0] not in apart
    ]


@functools.cache
def _texts() -> dict[str, tuple[str, str]]:
    """Source and text by id; a turn is `dialogue#number`."""
    texts = {}
    for line in shared_data("texts_dev.jsonl").read_bytes().splitlines():
        row = orjson.loads(line)
        texts[row["id"]] = (row["source"], row["text"])
    for line in shared_data("dialogues_dev.jsonl").read_bytes().splitlines():
        row = orjson.loads(line)
        for number, turn in enumerate(row["turns"]):
            if turn["role"] == "customer":
                texts[f"{row['id']}#{number}"] = (row["source"], turn["text"])
    return texts


class Files(NamedTuple):
    """What `tocsin model train` takes."""

    development: Path
    labels: Path
    practice: Path
    hard: Path
    unlabelled: Path
    held_out: Path


def write_lines(folder: Path) -> Files:
    """Write each kind of lines to a file of its own."""
    lines = (
        evaluation_lines(),
        labelled_lines(),
        practice_lines(),
        hard_lines(),
        unlabelled_lines(),
        held_out_lines(),
    )
    files = Files(*(folder / f"{name}.jsonl" for name in Files._fields))
    for file, rows in zip(files, lines, strict=True):
        file.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
    return files


if __name__ == "__main__":
    print(*write_lines(Path(sys.argv[1])))
