"""Lists as programs in other languages."""

from .targets import LANGUAGES, TARGETS, emit

__all__ = ["LANGUAGES", "TARGETS", "emit"]
