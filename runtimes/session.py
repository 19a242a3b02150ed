"""One artifact, opened in a process of its own."""
