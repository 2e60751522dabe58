"""The tuning for some pictures on the Train page: its progress, and its result."""
