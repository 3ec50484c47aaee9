"""What can go wrong with a broker of ours, in words that say what to do."""

from pipeline.errors import TocsinError


class BrokerError(TocsinError):
    """The broker could not be fetched, started or stopped; the text says why and what helps."""
