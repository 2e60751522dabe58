"""The HTTP server around the pages: middleware, routes, access, health and metrics.

May import dcgan, process, snapshots and state.
"""
