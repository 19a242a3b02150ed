"""report.json, report.md, JUnit and annotations."""
