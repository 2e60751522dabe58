"""Charts of a training as Plotly figures: their parts, their colours and Plotly's own script."""
