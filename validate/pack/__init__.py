"""The gate pack: one file that judges without the run."""
