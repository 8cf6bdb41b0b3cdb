"""Lists as code of other languages."""
