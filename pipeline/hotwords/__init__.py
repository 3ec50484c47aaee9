"""Hot words: terms that complaining customers say, counted in event time and in bounded memory, against the usual.

`terms` finds them in masked text, `sketch` counts, `usual` knows what is ordinary, `look` says what is hot, `themes`
puts together what the same customers say, `outbreaks` says when somebody should be told, and `fold` keeps the rows.
`docs/adr/0020-hot-words.md` says what is counted and what is not.
"""
