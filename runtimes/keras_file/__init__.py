""".keras and .h5 files."""
