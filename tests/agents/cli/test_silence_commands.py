"""`tocsin silence add`: what cannot be a duration or a moment is told, before anything is sent."""

import pytest
from typer.testing import CliRunner

from agents.cli.exits import Exit
from agents.cli.main import app
from agents.cli.silences import _span_ms
from pipeline.times import DAY_MS


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param(("--for", "99999999999999d"), "write the duration as 30m, 2h or 3d", id="beyond any calendar"),
        pytest.param(("--for", "1000000m"), "write the duration as 30m, 2h or 3d", id="seven digits"),
        pytest.param(("--for", "999999d"), "thirty days at most", id="six digits"),
        pytest.param(("--for", "31d"), "thirty days at most", id="a day too long"),
        pytest.param(("--for", "1w"), "write the duration as 30m, 2h or 3d", id="another unit"),
        pytest.param(("--from", "soon"), "write the moment as", id="no moment"),
    ],
)
def test_what_is_no_span_is_told(options, told):
    """With code 2."""
    done = CliRunner().invoke(app, ["silence", "add", "440000", "--match", "kind=x", *options])
    assert (done.exit_code, told in done.output) == (Exit.USAGE, True)


def test_the_longest_span():
    """Thirty days, in either unit."""
    assert _span_ms("30d") == _span_ms("43200m") == 30 * DAY_MS
