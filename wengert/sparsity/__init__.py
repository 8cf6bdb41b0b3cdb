"""What depends on what in a Wengert list, and derivatives that compute the nonzeros alone."""
