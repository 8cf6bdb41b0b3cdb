"""Formulas of other languages, read as programs of ours. Lark is loaded when one is read, and not before."""

from .reading import DIALECTS, READ, Reading, read

__all__ = ["DIALECTS", "READ", "Reading", "read"]
