"""Several trainings at once on Train: the form that starts a sweep, and what it shows."""
