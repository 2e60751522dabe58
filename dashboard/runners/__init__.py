"""What trains next without a click: the runs of the queue, of a study of remedies, of a tuning.

May import dcgan, process and snapshots; imports no Streamlit.
"""
