"""Files of a run to take home: archives, slim copies, tables, films, pictures and models."""
