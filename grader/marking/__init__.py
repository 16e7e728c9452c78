"""Marks a submission, and a cohort of them, and keeps the results."""
