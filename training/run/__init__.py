"""The run folder of a training: where it is written, its history, and what is measured at the end."""
