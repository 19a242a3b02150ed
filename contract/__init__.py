"""The promise a model makes, and the words that every stage shares. Import the module you need; nothing is loaded here."""
