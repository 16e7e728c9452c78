"""What a learner uses beside pytest: watch mode, hints, reading, pictures."""
