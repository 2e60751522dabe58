"""The results of comparisons as sentences and tables: the verdict, its causes, what differs."""
