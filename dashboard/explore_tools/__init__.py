"""The tools of the Explore page that need one z: each draws, or chooses or moves the selected z."""
