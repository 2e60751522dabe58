"""Locks of folders: only one process holds one, across machines; a heartbeat proves it alive."""
