"""Arrays of pictures in .npy, .npz and IDX files and in tables, decoded within limits."""
