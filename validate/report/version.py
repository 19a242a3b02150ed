"""The version of report.json, as report_schema.json describes it.

It rises when a field goes, or means something else, so that readers of an older report stop. A new field does not raise
it: readers pass over what they do not know.
"""

REPORT_VERSION = 1
