"""The commands that need several rooms."""
