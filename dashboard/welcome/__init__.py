"""The Train page before a run: the welcome, the data and the quiz."""
