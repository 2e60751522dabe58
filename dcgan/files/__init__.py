"""Files on disk: written whole or not at all, named safely, and ZIP files opened within limits."""
