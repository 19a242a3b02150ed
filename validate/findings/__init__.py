"""Findings, verdicts, and the outcome for one artifact."""
