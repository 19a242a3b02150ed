"""What an export can be told, and the formats that there are."""
