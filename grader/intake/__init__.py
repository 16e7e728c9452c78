"""What was handed in: found, read within limits, and told whose it is. Nothing is run."""
