"""The photo and the people on it."""
