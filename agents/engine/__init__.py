"""Whole batches in, one Kafka transaction out: what stands between Faust and a stage."""
