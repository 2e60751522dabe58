"""The trials of remedies on the Train page: their offer, their cards and their progress."""
