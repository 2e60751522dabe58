"""The charts of a run on a page, and of several runs that are compared."""
