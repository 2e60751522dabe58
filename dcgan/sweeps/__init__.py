"""Several runs, one after the other or at the same time: grids, races, the queue, Ray."""
