"""What runs beside a learner's code, confined: it imports the wire and nothing else of the kit."""
