"""Lists as programs in other languages."""

from .nl_text import NlFiles
from .targets import LANGUAGES, PROBLEM, TARGETS, emit

__all__ = ["LANGUAGES", "PROBLEM", "TARGETS", "NlFiles", "emit"]
