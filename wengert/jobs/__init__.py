"""Jobs: what a user asks for as a whole, built from functions over lists."""
