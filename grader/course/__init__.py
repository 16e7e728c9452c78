"""What a course is: its stages and tasks, stubs, pages of reading, hints, points, and what it lacks."""
