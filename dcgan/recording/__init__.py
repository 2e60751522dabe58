"""Training recorded in a run's folder: start, resume, rollback, evaluations and progress."""
