"""The failover benchmark: one method and set of faults for all (see ../../README.md)."""
