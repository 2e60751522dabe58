"""The form of a run's settings and its fields, and settings as tables and sentences."""
