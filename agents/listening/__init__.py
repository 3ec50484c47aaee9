"""What processes have in common that others call: they listen, they write to Kafka, and they say whether they can."""
