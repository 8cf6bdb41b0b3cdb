"""A program as one SELECT: values and derivatives for each row of a table.

`scalars` holds the expressions as one graph, in which equal ones are one. `unrolled` puts the bodies of the ops'
functions into it. `layers` chooses the expressions that become columns of a common table expression, so that each is
computed once, and `select` writes the text.
"""
