"""Judge artifacts: parity, statistics, budgets, verdict, reports. No TensorFlow in this package."""
