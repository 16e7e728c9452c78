"""The class report: one HTML file on a marked cohort, with a page for each submission in it."""
