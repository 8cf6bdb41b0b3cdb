"""The embedding API: what a user compiles, calls and gets."""
