"""When somebody is told: shares and minutes of a target, and what happens when they lie close together."""

import pytest

from pipeline.sla.policy import BREACH, Audience, WarningPoint, points
from tests.support.tickets import MINUTE

BOARD, HANDLER, ADMINISTRATOR = Audience.BOARD, Audience.HANDLER, Audience.ADMINISTRATOR
USUAL = (
    WarningPoint("0.5", (BOARD,), share_permyriad=5_000),
    WarningPoint("0.75", (HANDLER,), share_permyriad=7_500),
    WarningPoint("0.9", (HANDLER, ADMINISTRATOR), share_permyriad=9_000),
)


@pytest.mark.parametrize(
    ("target_minutes", "expected"),
    [
        pytest.param(120, [(60, "0.5"), (90, "0.75"), (108, "0.9"), (120, "1")], id="two hours: each by itself"),
        pytest.param(5, [(2.5, "0.5"), (3.75, "0.75"), (5, "1")], id="five minutes: the last two are one"),
        pytest.param(1, [(0.5, "0.5"), (1, "1")], id="one minute: all are one, and still before the end"),
    ],
)
def test_points_of_a_target(target_minutes, expected):
    """Less than a minute apart they are told once; the breach is never told early."""
    found = points(USUAL, target_minutes * MINUTE)
    assert [(point.elapsed_ms / MINUTE, point.key) for point in found] == expected


def test_whoever_is_told_together_is_told_early():
    """The administrator of a five-minute target hears with the handler, not after the end."""
    point = points(USUAL, 5 * MINUTE)[1]
    assert (point.keys, point.audience) == (("0.75", "0.9"), (HANDLER, ADMINISTRATOR))


def test_minutes_before_and_after():
    """Absolute distances from the end, in working time."""
    warnings = (
        WarningPoint("-30m", (HANDLER,), offset_ms=-30 * MINUTE),
        WarningPoint("+60m", (HANDLER,), offset_ms=60 * MINUTE),
    )
    found = points(warnings, 120 * MINUTE)
    assert [(point.elapsed_ms // MINUTE, point.key) for point in found] == [(90, "-30m"), (120, "1"), (180, "+60m")]
    assert found[1].audience == BREACH.audience


def test_a_share_of_an_odd_target_is_rounded_up():
    """Never a moment before the share is reached."""
    assert WarningPoint("0.75", (HANDLER,), share_permyriad=7_500).at_elapsed_ms(1_001) == 751


def test_a_warning_that_is_written_twice_is_for_both():
    """One line for the handler, one for the administrator; what is written of the breach goes before the usual."""
    twice = (
        WarningPoint("0.75", (HANDLER,), share_permyriad=7_500),
        WarningPoint("0.75", (ADMINISTRATOR,), share_permyriad=7_500),
        WarningPoint("1", (HANDLER,), share_permyriad=10_000),
    )
    found = [(point.key, point.audience) for point in points(twice, 120 * MINUTE)]
    assert found == [("0.75", (HANDLER, ADMINISTRATOR)), ("1", (HANDLER,))]
