"""Files on disk: whole or absent, hashed, locked, read with care."""
