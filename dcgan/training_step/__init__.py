"""Training steps in one graph, and their parts: inputs, losses, penalties, Adam, EMA, metrics."""
