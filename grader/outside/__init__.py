"""Workers, and calls to them, as the trusted side sees them."""
