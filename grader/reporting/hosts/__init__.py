"""What a host that runs the kit as its autograder is told of a submission: a module for each host's own format."""
