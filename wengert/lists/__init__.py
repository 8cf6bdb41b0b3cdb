"""The Wengert list, the shapes of its names, and the text of its arrays."""
