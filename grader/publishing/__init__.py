"""What the kit writes: stubs, notebooks, the walkthrough, nbgrader's course; and how its files are written."""
