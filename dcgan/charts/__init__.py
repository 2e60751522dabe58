"""Charts of a training as Plotly figures: their parts, their colours and Plotly's own script.

May import the ground floor and the rooms from data to evaluation.
"""
