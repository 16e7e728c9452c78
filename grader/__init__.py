"""Chainrule's marking engine: it reads submissions, runs the six suites against them and keeps the results."""
