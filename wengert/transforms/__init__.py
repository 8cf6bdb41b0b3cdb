"""List to list: derivatives, expansion, rewriting."""
