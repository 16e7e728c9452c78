"""Pictures of training runs: of a learner's, and for the walkthrough."""
