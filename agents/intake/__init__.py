"""`tocsin intake`: webhooks of other systems, checked, translated, and acknowledged once Kafka has them."""
