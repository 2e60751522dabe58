"""Locks of folders: one process at a time holds one, across machines; a heartbeat proves it alive.

Imports the lowest rooms only.
"""
