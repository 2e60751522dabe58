"""The training loop: an iterator of reports."""
