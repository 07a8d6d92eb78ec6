"""Who owns each accepted request? Decided by the release stamped on it, and by nothing else."""
