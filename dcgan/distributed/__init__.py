"""One run trained by several workers: their addresses, messages, networks and work."""
