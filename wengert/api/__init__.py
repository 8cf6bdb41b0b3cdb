"""The API for Python: a user compiles a program, calls it, and gets values and derivatives."""
