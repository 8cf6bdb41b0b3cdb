"""From lists to lists: derivatives, expansion, rewriting."""
