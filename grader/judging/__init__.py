"""The suites' run: the pytest plugin, comparisons, verdicts as text, and the names of mistakes."""
