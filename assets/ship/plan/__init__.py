"""modelport.toml: its keys, read and checked."""
