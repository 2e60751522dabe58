"""The verdict on a run: its recent reports, thresholds, the diagnosis and the suggested actions."""
