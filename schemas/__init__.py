"""What bytes on a topic mean: wire types, the topic table, one codec. No behaviour lives here."""
