"""The race of Compare: which variant comes nearer to real images in equal training time."""
