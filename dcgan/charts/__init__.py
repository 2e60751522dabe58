"""Charts of a training as Plotly figures: their parts, their colours and Plotly's own script.

May import the lowest rooms and the rooms from data to evaluation.
"""
