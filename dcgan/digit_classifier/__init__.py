"""The digit classifier: its network, its weights and its training."""
