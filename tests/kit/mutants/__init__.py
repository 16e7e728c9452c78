"""The proof of the suites: wrong versions of the solutions must lose points, and right ones must not."""
