"""A pair of supervisors, measured from outside."""
