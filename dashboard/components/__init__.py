"""Pictures, charts and sliders that change in place; their JavaScript is in `frontend/`."""
