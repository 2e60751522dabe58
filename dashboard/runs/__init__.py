"""The panels of the Runs page."""
