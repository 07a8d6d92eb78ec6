"""Is every request without a decision still on its way to one? See README.md."""
