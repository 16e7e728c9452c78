"""What runs beside a learner's code, confined: worker, runtime, probes, a notebook's cells, fork server."""
