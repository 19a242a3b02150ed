"""A reference service that existing clients call unchanged."""
