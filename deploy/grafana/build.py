"""Writes the dashboards:  python deploy/grafana/build.py  (with --check it only says whether they are stale)."""

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import deadlines  # noqa: E402  found beside this file
import health  # noqa: E402
import oncall  # noqa: E402
import overview  # noqa: E402
import region  # noqa: E402
import service  # noqa: E402
import voice  # noqa: E402
from pages import BOARD_URL  # noqa: E402

FOLDER = HERE / "dashboards"


def written(board_url: str = BOARD_URL) -> dict[Path, str]:
    """Every dashboard file and what must be in it."""
    pages = (deadlines, health, oncall, overview, region, service, voice)
    texts = {page.NAME: json.dumps(page.dashboard(), ensure_ascii=False, indent=2) for page in pages}
    return {FOLDER / f"{name}.json": text.replace(BOARD_URL, board_url) + "\n" for name, text in texts.items()}


def main() -> int:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is stale")
    parser.add_argument("--board", default=BOARD_URL, metavar="URL", help="where people reach the warning board")
    options = parser.parse_args()
    check, stale = options.check, 0
    for path, text in written(options.board).items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if not check:
            path.write_text(text, encoding="utf-8")
        print(f"{path.name}: {'stale, run python deploy/grafana/build.py' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
