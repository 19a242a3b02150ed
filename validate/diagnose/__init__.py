"""Which usual mistake explains the answers of a failing artifact."""
