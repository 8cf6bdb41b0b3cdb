"""Lists as programs in other languages."""

from .targets import LANGUAGES, NOTATIONS, QUERY, TARGETS, emit

__all__ = ["LANGUAGES", "NOTATIONS", "QUERY", "TARGETS", "emit"]
