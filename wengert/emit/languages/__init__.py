"""The languages of `emit`: one table and one small class a language."""
