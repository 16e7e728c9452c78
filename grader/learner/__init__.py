"""What a learner uses beside pytest: watch mode, hints, pages of reading, pictures."""
