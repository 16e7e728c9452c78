"""Marks a submission, and a cohort of them over processes, and keeps the results."""
