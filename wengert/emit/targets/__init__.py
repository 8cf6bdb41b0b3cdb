"""A list as a program of another language: flat gradient code that runs without wengert."""
