"""What the kit writes: stubs, notebooks, the walkthrough, learners' folders, nbgrader's course."""
