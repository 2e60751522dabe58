"""The guided experiments of the Learn page: predict, watch a real run, compare.

May import dcgan, charts, shared, and what shared may import.
"""
