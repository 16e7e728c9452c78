"""A learner's notebooks from their modules, and the reverse."""
