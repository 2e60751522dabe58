"""The trainer that all tabs of a server process share, with its thread, commands and networks."""
