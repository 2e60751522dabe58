"""Fair comparison of runs: equal training time, a measurement at its end, a ranking with chance."""
