"""Feedback for learners: a page for each submission, and the ways on which platforms take it back."""
