"""Which format a file or folder has, by its content."""
