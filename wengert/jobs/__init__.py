"""Jobs: tasks of a user's, such as checking derivatives, built from functions over lists."""
