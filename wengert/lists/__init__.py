"""The Wengert list, and the shapes of its names."""
