"""The languages of `emit`, each a table and a small class.

A `Language` says what the inside of a function looks like (its `Syntax`), which identifiers and functions the language
keeps, and how a file is put together. `prelude` writes what else a program calls: printed from the functions' bodies;
for Python copied as it stands, since only Python has large integers.
"""
