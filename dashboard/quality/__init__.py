"""The quality of a run's pictures on the Train page: its numbers, and measurements on request."""
