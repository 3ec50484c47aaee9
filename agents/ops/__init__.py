"""What a process shows of itself to probes and Prometheus: vital signs, their judgement, and the page they stand on."""
