"""Service quality: what agents did, what they left out, what a conversation came to, how findings are reviewed. Pure.

Nothing here reads a text: the tagger tells what was said, `listening` notes when, `absence` says what is missing,
`closing` sums up, `reports` words the records, `reviews` moves appeals. Absence is judged in event time only.
"""
