"""Chainrule's marking engine: it reads submissions, runs a course's suites against them and keeps the results."""
