"""Chainrule's marking engine: it reads submissions, runs a course's suites against them and keeps the results."""

__version__ = "0.2.0"
