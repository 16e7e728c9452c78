"""nbgrader's side of the kit: its course, its gradebook, and the engine as its step."""
