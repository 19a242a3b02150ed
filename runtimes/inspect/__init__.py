"""What a file or a run folder is, and what is wrong with it."""
