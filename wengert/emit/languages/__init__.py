"""The languages of `emit`, each a table and a small class.

A `Language` gives the syntax inside a function, the identifiers that the language reserves, the functions that it has,
and the layout of a file. `prelude` writes the other functions that a program calls, from their bodies. For Python they
are copied, as only Python has large integers.
"""
