"""The warning board: what operations look at. A reader of our topics that keeps a picture of the last day in memory.

`readmodel` and `heat` are the picture, `views` is what of it is shown, `reader` fills it from Kafka, `freshness` says
whether it can be trusted, `server` shows it, `access` says to whom. Nothing here is stored: a board that starts again
reads the log again.
"""
