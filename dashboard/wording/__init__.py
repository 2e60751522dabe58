"""The glossary, and the messages that several pages show."""
