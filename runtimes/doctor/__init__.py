"""What works on this machine, and what to paste where something does not."""
