"""Rules: scores, files, operators and promises held against budgets."""
