"""The promise a model makes, and the words that all stages share. Import the module you need; nothing loads here."""
