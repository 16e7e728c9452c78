"""What the suites share: drawn data, what is right by formulas of their own, and checks of several cases."""
