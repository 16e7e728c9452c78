"""The suites' run: the pytest plugin, comparisons, verdicts, and the names of mistakes."""
