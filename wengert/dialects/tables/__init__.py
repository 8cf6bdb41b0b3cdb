"""One table for each dialect: how another language spells our ops, and its own functions, written in our language."""
