"""nbgrader's side of the kit: its gradebook and pages, and the engine as a step of `nbgrader autograde`."""
