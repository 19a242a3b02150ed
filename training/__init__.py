"""Data sets, architectures, two-phase fine-tuning, evaluation."""
