"""Formulas of other languages, read as programs of ours. Lark is loaded when one is read, and not before."""

from .nl_names import NameFiles
from .reading import DIALECTS, READ, Reading, read, read_nl_file

__all__ = ["DIALECTS", "READ", "NameFiles", "Reading", "read", "read_nl_file"]
