"""The customers' voice: scores on their scales, what comments say, how long a review waits for an answer."""
