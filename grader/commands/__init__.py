"""The commands of instructors and authors, which call several rooms."""
