"""The Wengert list, the shapes of its names, and arrays as text."""
