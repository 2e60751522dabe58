"""Runners: each starts one run after the other, of the queue, of a study or of a tuning."""
