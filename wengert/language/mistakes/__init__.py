"""What was probably meant: the diagnosis of texts that are no program."""
