"""The rows of the op registry, by family."""
