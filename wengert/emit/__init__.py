"""Lists as code of other languages."""

from .targets import LANGUAGES, TARGETS, emit

__all__ = ["LANGUAGES", "TARGETS", "emit"]
