"""Lists as programs in other languages."""

from .nl_text import NlFiles
from .targets import LANGUAGES, NOTATIONS, PROBLEM, QUERY, TARGETS, emit

__all__ = ["LANGUAGES", "NOTATIONS", "PROBLEM", "QUERY", "TARGETS", "NlFiles", "emit"]
