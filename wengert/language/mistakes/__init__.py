"""The diagnosis of texts that are not programs: the mistake, and a text that the author may have meant."""
