"""A person's own pictures in the form: the upload or folder, their check, what is left out."""
