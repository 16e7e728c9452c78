"""Workers and calls to them, seen from the trusted side."""
