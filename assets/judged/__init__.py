"""What report.json says about a run, and what is chosen by it."""
