"""The rows of the table of ops, by family."""
