"""Workers and calls to them, seen from the trusted side: the suites' `impl`, processes, the doctor."""
