"""A check of the user's pictures before training: facts, near-duplicates, outliers and advice."""
