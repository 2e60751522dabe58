"""Locks of folders: one process holds one, across machines, and a heartbeat shows that it lives.

Imports the ground floor only.
"""
