"""What can go wrong with a broker of ours, in words that say what to do."""


class BrokerError(Exception):
    """The broker could not be fetched, started or stopped; the text says why and what helps."""
