"""Facts of a run that several pages show: label, badge, verdict, summary, sample pictures."""
