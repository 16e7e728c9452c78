"""Pictures of a learner's training runs. A course's solutions/pictures.py says which: see `runs`."""
