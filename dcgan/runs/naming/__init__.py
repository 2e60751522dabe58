"""Names of runs: titles, and the names of settings, branches and pictures in them."""
