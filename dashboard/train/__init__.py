"""The panels of the Train page that show a run and start one."""
