"""Pictures of untrusted files: kinds of files, files of folders and archives, limits, labels."""
