"""What is said of the broker: once that it is away, once that it is back, in every process in the same words."""

from structlog.testing import capture_logs

from agents.broker_news import BrokerNews


def test_away_and_back_are_said_once_each():
    """However often it is seen; and again when it goes away a second time."""
    with capture_logs() as said:
        news = BrokerNews("127.0.0.1:1", meanwhile="nothing is lost")
        news.back()  # it has never been away
        news.away(silent_seconds=3.0)
        news.away(error=TimeoutError())
        news.back()
        news.back()
        news.away(error=ConnectionError())
    assert [(each["event"], each["log_level"]) for each in said] == [
        ("broker_away", "error"), ("broker_back", "warning"), ("broker_away", "error"),
    ]  # fmt: skip
    first, back, second = said
    assert (first["broker"], first["silent_seconds"], first["meanwhile"]) == ("127.0.0.1:1", 3.0, "nothing is lost")
    assert "error" not in first
    assert back["away_seconds"] >= 3.0  # the silence before it was said counts
    assert second["error"] == "ConnectionError"
